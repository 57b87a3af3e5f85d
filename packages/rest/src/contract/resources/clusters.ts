import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { byKey, count, key, messageWithKey, name } from '../values.ts'
import { clusterContents } from './cluster-contents.ts'

const options = z.record(z.string(), z.unknown())

const fields = z.strictObject({
  name,
  credentialskey: key,
  type: name.meta({ description: 'the kind of hypervisor: `vmware`, `proxmox`, …' }),
  defaultskey: count.default(0).meta({ description: '0 for none' }),
  callbacks: z.array(key).default([]),
  options: options.default({}).meta({ description: "the driver's own options; JSON only, and no secrets" }),
})

const cluster = z.object({
  key,
  name: z.string(),
  type: z.string(),
  credentialskey: key,
  defaultskey: count.meta({ description: '0 for none' }),
  callbacks: z.array(key),
  options,
})

/** Registered hypervisors. */
export const clusters = {
  create: defineOperation({
    method: 'POST',
    path: '/clusters',
    title: 'Create a cluster',
    description: 'Registers it; nothing is connected yet.',
    permission: 'clusters:write',
    body: fields,
    result: cluster,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/clusters',
    title: 'Read all clusters',
    permission: 'clusters:read',
    result: z.array(cluster),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/clusters/:key',
    title: 'Read a cluster',
    permission: 'clusters:read',
    params: byKey,
    result: cluster,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/clusters/:key',
    title: 'Replace a cluster',
    permission: 'clusters:write',
    params: byKey,
    body: fields,
    result: cluster,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/clusters/:key',
    title: 'Delete a cluster',
    description: 'Refused while machines, networks or profiles are on it. Nothing is changed on the hypervisor.',
    permission: 'clusters:write',
    params: byKey,
    result: messageWithKey,
    origin: 'original',
  }),
  ...clusterContents,
}
