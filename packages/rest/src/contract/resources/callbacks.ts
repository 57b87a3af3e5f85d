import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, key, messageWithKey, text } from '../values.ts'

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
}
