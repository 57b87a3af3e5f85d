import { z } from 'zod'
import { listQuery } from '../lists.ts'
import { defineOperation } from '../operation.ts'
import { byKey, key, messageWithKey } from '../values.ts'

export const userName = z
  .string()
  .min(1, 'is empty')
  .max(80, 'is longer than 80 characters')
  .regex(/^[^\p{Cc}]*$/u, 'has control characters, which it may not')

const fields = z.strictObject({
  username: userName,
  password: z.string().min(8, 'is shorter than 8 characters').max(1000, 'is longer than 1000 characters'),
})

export const permissionGroup = z.enum(['administrator', 'operator', 'user', 'viewer'])

const user = z.object({
  key,
  username: z.string(),
  permissions: z.array(z.string()).meta({ description: 'everything that the user may do' }),
  permissionsgroups: z.array(permissionGroup),
})

/** People. */
export const users = {
  create: defineOperation({
    method: 'POST',
    path: '/users',
    title: 'Create a user',
    description: 'Without any permission; see `PUT /users/:key/permissions`.',
    permission: 'users:write',
    body: fields,
    result: user,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/users',
    title: 'Read all users',
    permission: 'users:read',
    query: listQuery(user),
    result: z.array(user),
    origin: 'original',
  }),
  current: defineOperation({
    method: 'GET',
    path: '/users/current',
    title: 'Read the user who asks',
    permission: 'signed-in',
    result: user,
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/users/:key',
    title: 'Read a user',
    permission: 'users:read',
    params: byKey,
    result: user,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/users/:key',
    title: 'Replace name and password of a user',
    description: 'Tokens of the user end.',
    permission: 'users:write',
    params: byKey,
    body: fields,
    result: user,
    origin: 'original',
  }),
  updatePermissions: defineOperation({
    method: 'PUT',
    path: '/users/:key/permissions',
    title: 'Replace the permission groups of a user',
    description: 'Nobody gives away more than they have. Tokens of the user end.',
    permission: 'users:write',
    params: byKey,
    body: z.strictObject({ permissiongroups: z.array(permissionGroup).max(20) }),
    result: user,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/users/:key',
    title: 'Delete a user',
    permission: 'users:write',
    params: byKey,
    result: messageWithKey,
    origin: 'original',
  }),
}
