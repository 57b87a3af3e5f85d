import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, key, messageWithKey, text } from '../values.ts'

const place = text(200).default('')

const fields = z.strictObject({
  datacenter: place,
  ressourcepool: place,
  host: place,
  datastore: place.meta({ description: 'a name, or `auto`' }),
})

const defaults = z.object({
  key,
  datacenter: z.string(),
  ressourcepool: z.string(),
  host: z.string(),
  datastore: z.string(),
})

/** Where machines of a cluster go when nobody says where. What is empty, the hypervisor decides. */
export const clusterDefaults = {
  create: defineOperation({
    method: 'POST',
    path: '/clusterdefaults',
    title: 'Create defaults of clusters',
    permission: 'clusterdefaults:write',
    body: fields,
    result: defaults,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/clusterdefaults',
    title: 'Read all defaults of clusters',
    permission: 'clusterdefaults:read',
    result: z.array(defaults),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/clusterdefaults/:key',
    title: 'Read defaults of clusters',
    permission: 'clusterdefaults:read',
    params: byKey,
    result: defaults,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/clusterdefaults/:key',
    title: 'Replace defaults of clusters',
    permission: 'clusterdefaults:write',
    params: byKey,
    body: fields,
    result: defaults,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/clusterdefaults/:key',
    title: 'Delete defaults of clusters',
    description: 'Refused while a cluster uses them.',
    permission: 'clusterdefaults:write',
    params: byKey,
    result: messageWithKey,
    origin: 'original',
  }),
}
