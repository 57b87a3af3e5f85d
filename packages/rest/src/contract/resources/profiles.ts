import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, count, key, messageWithKey, name, printedSize, size, text } from '../values.ts'

const fields = z.strictObject({
  name,
  cpu: count,
  ram: size,
  oskey: count,
  clusterkey: key,
  disc: size,
  datastore: text(200).min(1, 'is empty').meta({ description: 'a name, or `auto`' }),
  networks: z.array(key).meta({ description: 'in order; the first is the one to install from' }),
})

const profile = z.object({
  key,
  name: z.string(),
  cpu: count,
  ram: printedSize,
  disc: printedSize,
  datastore: z.string(),
  oskey: count,
  clusterkey: key,
  networks: z.array(key),
})

/** Presets of machines. */
export const profiles = {
  create: defineOperation({
    method: 'POST',
    path: '/profiles',
    title: 'Create a profile',
    permission: 'profiles:write',
    body: fields,
    result: profile,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/profiles',
    title: 'Read all profiles',
    permission: 'profiles:read',
    result: z.array(profile),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/profiles/:key',
    title: 'Read a profile',
    permission: 'profiles:read',
    params: byKey,
    result: profile,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/profiles/:key',
    title: 'Replace a profile',
    permission: 'profiles:write',
    params: byKey,
    body: fields,
    result: profile,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/profiles/:key',
    title: 'Delete a profile',
    description: 'Machines that were made from it stay.',
    permission: 'profiles:write',
    params: byKey,
    result: messageWithKey,
    origin: 'original',
  }),
  createVirtualMachine: defineOperation({
    method: 'POST',
    path: '/profiles/:key/createvirtualmachine',
    title: 'Create a virtual machine from a profile',
    description:
      'Takes an address in each network of the profile and charges the owner. What is left out is as in the profile.',
    permission: 'machines:write',
    params: byKey,
    body: z.strictObject({
      owner: key.meta({ description: 'the user group that is charged' }),
      name,
      cpu: count.optional(),
      ram: size.optional(),
      disc: size.optional(),
      thickprovisioning: z.boolean().default(false),
    }),
    result: z.object({ msg: z.string(), status: z.string(), key }),
    origin: 'original',
  }),
}
