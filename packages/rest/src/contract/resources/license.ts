import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { count, message, text, timestamp } from '../values.ts'

const status = z.object({
  license: z.string().meta({ description: 'the signed document, or empty' }),
  customerid: z.string(),
  virtualmachines: count.meta({ description: 'how many machines all groups may have together' }),
  issued: timestamp,
  expires: timestamp,
  state: z.enum(['off', 'missing', 'expired', 'valid']).meta({ description: 'off: nothing is limited' }),
  used: count.meta({ description: 'machines of all groups' }),
})

/** The signed document that limits the machines of all groups. */
export const license = {
  get: defineOperation({
    method: 'GET',
    path: '/license',
    title: 'Read the licence',
    permission: 'license:read',
    result: status,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/license',
    title: 'Install a licence',
    permission: 'license:write',
    body: z.strictObject({ license: text(20_000).min(1, 'is empty') }),
    result: status,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/license',
    title: 'Remove the licence',
    permission: 'license:write',
    result: message,
    origin: 'original',
  }),
}
