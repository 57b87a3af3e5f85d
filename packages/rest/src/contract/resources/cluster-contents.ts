import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, count, key, messageWithKey, name, printedSize } from '../values.ts'

const bytes = z.int().nonnegative().meta({ format: 'int64', description: 'bytes' })

const images = z.array(
  z.object({
    name: z.string().meta({ description: 'of the file on the datastore' }),
    oskey: count,
    status: z.string().meta({ description: '`uploaded`, `present`, or `failed: ` and why' }),
  }),
)

const imported = z.array(
  z.object({
    name: z.string(),
    key: z.int().nonnegative().meta({ description: 'of the virtual machine; 0 for one that was not imported' }),
    error: z.string().optional().meta({ description: 'why it was not imported' }),
  }),
)

const importable = z.array(
  z.object({
    name: z.string(),
    cpu: count,
    ram: printedSize,
    disc: printedSize,
    datastore: z.string(),
    guestid: z.string().meta({ description: 'what runs in it, in the words of the hypervisor' }),
    networks: z.array(z.string()),
    uuid: z.string().meta({ description: "the hypervisor's own identifier, unique on the cluster" }),
  }),
)

const networkStatus = z.object({
  networkstatus: z.array(
    z.object({
      key,
      name: z.string(),
      status: z.string().meta({ description: '`created`, `present`, or `vanished`: the hypervisor has it no more' }),
    }),
  ),
})

const about = z.object({ product: z.string(), version: z.string() })
const missing = z.array(z.object({ operation: z.string(), privilege: z.string(), path: z.string() }))

/** What clusters have, as their hypervisors tell. */
export const clusterContents = {
  datastores: defineOperation({
    method: 'GET',
    path: '/clusters/:key/datastores',
    title: 'Read the datastores of a cluster',
    permission: 'clusters:read',
    params: byKey,
    result: z.array(z.object({ name: z.string(), type: z.string(), capacity: bytes, freespace: bytes })),
    origin: 'original',
  }),
  syncImages: defineOperation({
    method: 'POST',
    path: '/clusters/:key/imagesync',
    title: 'Bring boot images to a cluster',
    description:
      'Makes sure that the boot image of each operating system is on the cluster, and tells of each. Again: no effect.',
    permission: 'clusters:write',
    params: byKey,
    result: images,
    runs: 'keyed',
    origin: 'original',
  }),
  import: defineOperation({
    method: 'POST',
    path: '/clusters/:key/import',
    title: 'Import virtual machines of a cluster',
    description:
      'Takes over machines that the cluster has, each charged to the owner and otherwise left as it is. When not one of them can be imported, that is an error.',
    permission: 'machines:import',
    params: byKey,
    body: z.strictObject({
      owner: key.meta({ description: 'the user group that is charged' }),
      vmnames: z.array(name).min(1, 'names no machine').max(10_000),
    }),
    result: imported,
    runs: 'keyed',
    origin: 'original',
  }),
  importable: defineOperation({
    method: 'GET',
    path: '/clusters/:key/import',
    title: 'Read what could be imported from a cluster',
    permission: 'machines:import',
    params: byKey,
    result: importable,
    origin: 'original',
  }),
  syncNetworks: defineOperation({
    method: 'POST',
    path: '/clusters/:key/networksync',
    title: 'Read the networks of a cluster into the inventory',
    description: 'Creates those that are not known yet, and tells of all. Again: no effect.',
    permission: 'networks:write',
    params: byKey,
    result: networkStatus,
    runs: 'keyed',
    origin: 'original',
  }),
  synchronize: defineOperation({
    method: 'POST',
    path: '/clusters/:key/synchronize',
    title: 'Read the defaults of a cluster',
    description: 'Takes datacenter, resource pool, host and datastore from the hypervisor.',
    permission: 'clusterdefaults:write',
    params: byKey,
    result: messageWithKey,
    runs: 'keyed',
    origin: 'original',
  }),
  capabilities: defineOperation({
    method: 'GET',
    path: '/clusters/:key/capabilities',
    title: 'Read what a cluster can do',
    permission: 'clusters:read',
    params: byKey,
    result: about.extend({
      facets: z.array(z.string()),
      absent: z.array(z.string()).meta({ description: 'facets that it does not have' }),
      supports: z
        .record(z.string(), z.record(z.string(), z.boolean()))
        .meta({ description: 'the degrees of a facet: `{"snapshots": {"memory": true}}`' }),
    }),
    origin: 'virtkit',
  }),
  check: defineOperation({
    method: 'GET',
    path: '/clusters/:key/check',
    title: 'Check a cluster',
    description: 'Connects anew and asks what the credentials lack. An error says why that does not work.',
    permission: 'clusters:read',
    params: byKey,
    result: about.extend({ missing: missing.meta({ description: 'privileges that the credentials lack' }) }),
    origin: 'virtkit',
  }),
}
