import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { attempt, byKey, count, givenDuration, key, messageWithKey, text, timestamp } from '../values.ts'

const url = text(2048).min(1, 'is empty')

const fields = z.strictObject({
  callbackurl: url.meta({ description: 'told when an install has succeeded' }),
  errorcallbackurl: url.meta({ description: 'told when an install has failed' }),
  installcallbackurl: text(2048).optional().meta({ description: 'told when an install starts' }),
  deletecallbackurl: text(2048).optional().meta({ description: 'told after a machine is deleted' }),
  notes: text(4000).optional(),
})

const callback = z.object({
  key,
  callbackurl: z.string(),
  errorcallbackurl: z.string(),
  installcallbackurl: z.string(),
  deletecallbackurl: z.string(),
  notes: z.string(),
})

const delivery = z.object({
  key,
  callbackkey: key,
  id: z.string().meta({ description: 'the `webhook-id`, the same in every attempt' }),
  kind: z.enum(['start', 'success', 'error', 'delete']),
  subject: z.string().meta({ description: 'what it is about', examples: ['machine/12'] }),
  url: z.string(),
  state: z.enum(['due', 'delivered', 'dead']),
  attempts: count.meta({ description: 'begun since it was stored or replayed' }),
  history: z.array(attempt),
  problem: z.string().meta({ description: 'why the last attempt failed, or empty' }),
  created: timestamp,
  due: timestamp.optional(),
  ended: timestamp.optional(),
})

/** URLs that clusters tell of installs and deletions. */
export const callbacks = {
  create: defineOperation({
    method: 'POST',
    path: '/callbacks',
    title: 'Create a callback',
    permission: 'callbacks:write',
    body: fields,
    result: callback.extend({
      secret: z.string().optional().meta({ description: 'what deliveries are signed with; told once' }),
    }),
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/callbacks',
    title: 'Read all callbacks',
    permission: 'callbacks:read',
    result: z.array(callback),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/callbacks/:key',
    title: 'Read a callback',
    permission: 'callbacks:read',
    params: byKey,
    result: callback,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/callbacks/:key',
    title: 'Replace a callback',
    permission: 'callbacks:write',
    params: byKey,
    body: fields,
    result: callback,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/callbacks/:key',
    title: 'Delete a callback',
    permission: 'callbacks:write',
    params: byKey,
    result: messageWithKey,
    origin: 'original',
  }),
  deliveries: defineOperation({
    method: 'GET',
    path: '/callbacks/:key/deliveries',
    title: 'Read what a callback was told or waits to be told, newest first',
    description: 'Delivered ones of the last 30 days; dead letters of the last 90.',
    permission: 'callbacks:read',
    params: byKey,
    query: z.strictObject({
      state: z.enum(['due', 'delivered', 'dead']).optional().meta({ description: '`dead`: those that were given up' }),
      before: key.optional().meta({ description: 'the key of a delivery; older ones follow' }),
      limit: z.int().min(1).max(1000).optional(),
    }),
    result: z.array(delivery),
    origin: 'virtkit',
  }),
  replay: defineOperation({
    method: 'POST',
    path: '/callbacks/:key/deliveries/:delivery/replay',
    title: 'Tell a dead letter again',
    description: 'From the first attempt on, with the same `webhook-id`, at the URL that the callback has now.',
    permission: 'callbacks:write',
    params: z.strictObject({ key, delivery: key }),
    result: delivery,
    origin: 'virtkit',
  }),
  replayDead: defineOperation({
    method: 'POST',
    path: '/callbacks/:key/replay',
    title: 'Tell all dead letters of a callback again',
    permission: 'callbacks:write',
    params: byKey,
    result: z.object({ msg: z.string(), key, count }),
    origin: 'virtkit',
  }),
  rotateSecret: defineOperation({
    method: 'POST',
    path: '/callbacks/:key/rotatesecret',
    title: 'Make a new signing secret',
    description: 'For a time deliveries carry two signatures: of the new secret, and of the one before.',
    permission: 'callbacks:write',
    params: byKey,
    body: z.strictObject({
      grace: givenDuration
        .optional()
        .meta({ description: 'how long the one before signs as well; default 24h, at most 720h' }),
    }),
    result: z.object({
      key,
      secret: z.string().meta({ description: 'what deliveries are signed with; told once' }),
      formeruntil: timestamp.meta({ description: 'until when the secret before it signs as well' }),
    }),
    origin: 'virtkit',
  }),
}
