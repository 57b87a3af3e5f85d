import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, key, messageWithKey, name, text } from '../values.ts'

const fields = z.strictObject({
  name: name.meta({ description: 'what these credentials are called here; unique' }),
  username: text(200),
  password: text(10_000).meta({ description: 'kept sealed; it never comes out again' }),
  url: text(2000).min(1, 'is empty').meta({ description: 'where the hypervisor answers; without a password in it' }),
  insecure: z.boolean().default(false).meta({ description: 'do not verify TLS' }),
  http: z.boolean().default(false).meta({ description: 'plain HTTP' }),
})

const credentials = z.object({
  key,
  name: z.string(),
  username: z.string(),
  url: z.string(),
  insecure: z.boolean(),
  http: z.boolean(),
})

/** How to reach hypervisors. */
export const clusterCredentials = {
  create: defineOperation({
    method: 'POST',
    path: '/clustercredentials',
    title: 'Create credentials of clusters',
    permission: 'credentials:write',
    body: fields,
    result: credentials,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/clustercredentials',
    title: 'Read all credentials of clusters',
    permission: 'credentials:read',
    result: z.array(credentials),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/clustercredentials/:key',
    title: 'Read credentials of clusters',
    permission: 'credentials:read',
    params: byKey,
    result: credentials,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/clustercredentials/:key',
    title: 'Replace credentials of clusters',
    permission: 'credentials:write',
    params: byKey,
    body: fields,
    result: credentials,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/clustercredentials/:key',
    title: 'Delete credentials of clusters',
    description: 'Refused while a cluster uses them.',
    permission: 'credentials:write',
    params: byKey,
    result: messageWithKey,
    origin: 'original',
  }),
  test: defineOperation({
    method: 'POST',
    path: '/clustercredentials/:key/test',
    title: 'Test credentials of clusters',
    description: 'Connects with them as a cluster of this type and hangs up. An error says why that does not work.',
    permission: 'credentials:read',
    params: byKey,
    body: z.strictObject({ type: name.meta({ description: 'type of the cluster' }) }),
    result: messageWithKey,
    runs: 'again',
    origin: 'original',
  }),
}
