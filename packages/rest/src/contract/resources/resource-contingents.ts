import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, count, key, message, printedSize, size } from '../values.ts'

const fields = z.strictObject({
  usergroupkey: key,
  cpulimit: count,
  memorylimit: size,
  disclimit: size,
  vmlimit: count,
})

const contingent = z.object({
  key,
  usergroupkey: key,
  cpulimit: count,
  disclimit: printedSize,
  memorylimit: printedSize,
  vmlimit: count,
})

const dimension = z.enum(['vm', 'cpu', 'ram', 'disc'])
/** A count, or a size as text. */
const amount = z.union([z.int(), z.string()])

const drift = z.object({
  usergroupkey: key,
  dimension,
  kind: z.enum(['used', 'reserved']),
  recorded: amount,
  actual: amount,
})

/** Limits of user groups. A group without one has no limit. */
export const resourceContingents = {
  create: defineOperation({
    method: 'POST',
    path: '/resourcecontingents',
    title: 'Create a resource contingent',
    description: 'A group has at most one.',
    permission: 'contingents:write',
    body: fields,
    result: contingent,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/resourcecontingents',
    title: 'Read all resource contingents',
    permission: 'contingents:read',
    result: z.array(contingent),
    origin: 'original',
  }),
  // Before `get`: it is asked for first whose path is written first.
  verify: defineOperation({
    method: 'GET',
    path: '/resourcecontingents/verify',
    title: 'Verify resource contingents',
    description: 'Counts again what groups have, and tells of every difference to the books. There must be none.',
    permission: 'contingents:read',
    result: z.array(drift),
    origin: 'virtkit',
  }),
  plan: defineOperation({
    method: 'POST',
    path: '/resourcecontingents/plan',
    title: 'Ask whether a group has room',
    description: 'Tells what blocks and what is free. Nothing is charged.',
    permission: 'contingents:read',
    body: z.strictObject({
      usergroupkey: key,
      vm: count.default(1),
      cpu: count.default(0),
      ram: size.default('0MB'),
      disc: size.default('0GB'),
    }),
    result: z.object({
      fits: z.boolean(),
      blocking: z.array(z.object({ dimension, limit: amount, used: amount, reserved: amount, asked: amount })),
      free: z
        .object({ vm: count, cpu: count, ram: printedSize, disc: printedSize })
        .optional()
        .meta({ description: 'left out for a group without a limit' }),
    }),
    runs: 'again',
    origin: 'virtkit',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/resourcecontingents/:key',
    title: 'Read a resource contingent',
    permission: 'contingents:read',
    params: byKey,
    result: contingent,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/resourcecontingents/:key',
    title: 'Replace a resource contingent',
    description: 'A limit may be below what is used: it blocks growth only.',
    permission: 'contingents:write',
    params: byKey,
    body: fields,
    result: contingent,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/resourcecontingents/:key',
    title: 'Delete a resource contingent',
    description: 'The group has no limit from then on; its machines stay.',
    permission: 'contingents:write',
    params: byKey,
    result: message,
    origin: 'original',
  }),
}
