import { z } from 'zod'
import { listQuery } from '../lists.ts'
import { defineOperation } from '../operation.ts'
import { byKey, key, messageWithKey } from '../values.ts'
import { userName } from './users.ts'

const keys = z.array(key).max(10_000)

const fields = z.strictObject({
  groupname: userName,
  users: keys.meta({ description: 'who is in it' }),
  networks: keys.optional().meta({ description: 'networks that those in the group see' }),
  clusters: keys.optional().meta({ description: 'clusters that those in the group see' }),
})

const usergroup = z.object({ key, groupname: z.string(), users: keys, networks: keys, clusters: keys })

/** Groups of users: they own machines, have contingents, and are given networks and clusters. */
export const usergroups = {
  create: defineOperation({
    method: 'POST',
    path: '/usergroups',
    title: 'Create a user group',
    permission: 'groups:write',
    body: fields,
    result: usergroup,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/usergroups',
    title: 'Read all user groups',
    description: 'Those that one is in; administrators see all.',
    permission: 'groups:read',
    query: listQuery(usergroup),
    result: z.array(usergroup),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/usergroups/:key',
    title: 'Read a user group',
    permission: 'groups:read',
    params: byKey,
    result: usergroup,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/usergroups/:key',
    title: 'Replace a user group',
    permission: 'groups:write',
    params: byKey,
    body: fields,
    result: usergroup,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/usergroups/:key',
    title: 'Delete a user group',
    permission: 'groups:write',
    params: byKey,
    result: messageWithKey,
    origin: 'original',
  }),
}
