import { type Reseal, resealColumn } from '../access/reseal.ts'

/** What an answer is sealed to. */
export const replyContext = (id: string): string => `replies/${id}`

/** Seals anew what an older key sealed. Answers how many. */
export const resealReplies: Reseal = (queries, keyring) =>
  resealColumn(queries, keyring, { table: 'replies', column: 'reply', id: 'id', context: replyContext })
