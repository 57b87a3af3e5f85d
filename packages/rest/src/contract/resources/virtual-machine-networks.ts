import { z } from 'zod'
import { listQuery } from '../lists.ts'
import { defineOperation } from '../operation.ts'
import { byKey, key, text } from '../values.ts'

const fields = z.strictObject({
  vmkey: key,
  netkey: key,
  ip: text(64).optional().meta({ description: 'default: the lowest free one, or the one that it has on the same network' }),
  mac: text(32).optional().meta({ description: "default: one of the hypervisor's own, or the one that it has" }),
  domains: z.array(text(253)).max(16).optional().meta({ description: 'search domains; the first is its own' }),
})

const card = z.object({
  key,
  vmkey: key,
  netkey: key,
  ip: z.string().meta({ description: 'empty: by DHCP' }),
  mac: z.string(),
  domains: z.array(z.string()),
})

/** Network cards of virtual machines. They can be changed until the machine is installed. */
export const virtualMachineNetworks = {
  create: defineOperation({
    method: 'POST',
    path: '/virtualmachinenetworks',
    title: 'Add a network card to a virtual machine',
    permission: 'machines:write',
    body: fields,
    result: card,
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/virtualmachinenetworks',
    title: 'Read all network cards',
    permission: 'machines:read',
    result: z.array(card),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/virtualmachinenetworks/:key',
    title: 'Read the network cards of a virtual machine',
    description: 'Here the key is that of the virtual machine, as in the original.',
    permission: 'machines:read',
    params: byKey,
    query: listQuery(card, ['vmkey', 'netkey', 'ip', 'mac']),
    result: z.array(card),
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/virtualmachinenetworks/:key',
    title: 'Replace a network card',
    permission: 'machines:write',
    params: byKey,
    body: fields,
    result: card,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/virtualmachinenetworks/:key',
    title: 'Remove a network card and give back its address',
    permission: 'machines:write',
    params: byKey,
    body: z.strictObject({ vmkey: key }),
    result: z.object({ msg: z.string(), key, vmkey: key }),
    origin: 'original',
  }),
}
