import { type Reseal, resealColumn } from '../access/reseal.ts'

/** What the mail server's password is sealed to. */
export const passwordContext = 'mail-settings/password'

/** Seals anew what an older key sealed. Answers how many. */
export const resealMailPassword: Reseal = (queries, keyring) =>
  resealColumn(queries, keyring, { table: 'mailSettings', column: 'password', id: 'key', context: () => passwordContext })
