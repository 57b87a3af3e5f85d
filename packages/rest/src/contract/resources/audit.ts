import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { text, timestamp } from '../values.ts'

const position = z.int().nonnegative()

const entry = z.object({
  position,
  id: z.string(),
  time: timestamp,
  actor: z.string().meta({ description: 'who did it: `user/7`, `system`, `nobody`' }),
  username: z.string().meta({ description: 'what the user was called then; empty when it was none' }),
  action: z.string().meta({ examples: ['machine.created'] }),
  subject: z.string().meta({ examples: ['machine/12'] }),
  outcome: z.enum(['done', 'failed', 'refused']),
  request: z.string().meta({ description: 'the request that it was done in; empty when there was none' }),
  data: z.record(z.string(), z.unknown()),
})

/** Who did what, and whether the record of it is whole. */
export const audit = {
  list: defineOperation({
    method: 'GET',
    path: '/audit',
    title: 'Read the audit log',
    description: 'Oldest first. The next page is after the last position of this one.',
    permission: 'audit:read',
    query: z.strictObject({
      after: position.optional(),
      limit: z.int().min(1).max(1000).optional().meta({ description: 'default 100' }),
      subject: text(200).min(1).optional(),
      actor: text(200).min(1).optional(),
    }),
    result: z.array(entry),
    origin: 'virtkit',
  }),
  verify: defineOperation({
    method: 'GET',
    path: '/audit/verify',
    title: 'Check the audit log',
    description:
      'Walks the whole chain and tells what was changed, removed, inserted or cut off. Keep `number` and `hash` of the answer ' +
      'elsewhere and hand them in later: what the database cannot tell by itself then shows.',
    permission: 'audit:read',
    query: z.strictObject({
      number: position.optional().meta({ description: 'of an earlier answer, with its hash' }),
      hash: text(200).optional(),
    }),
    result: z.object({
      intact: z.boolean(),
      checked: z.int().meta({ description: 'entries that were held against the chain' }),
      since: timestamp.meta({ description: 'when the chain began; 0 while there is none' }),
      number: position.meta({ description: 'how long the chain is' }),
      hash: z.string().meta({ description: 'its last hash' }),
      faults: z.array(z.object({ kind: z.enum(['changed', 'removed', 'inserted', 'cut']), position })),
    }),
    origin: 'virtkit',
  }),
}
