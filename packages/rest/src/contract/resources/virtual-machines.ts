import { z } from 'zod'
import { doneOrGoingOn, goingOn } from '../accepted.ts'
import { listQuery } from '../lists.ts'
import { defineOperation } from '../operation.ts'
import { byKey, count, key, name, printedSize, size, text, timestamp } from '../values.ts'
import { machinePlan } from './virtual-machine-plan.ts'

const hardware = {
  cpu: z.int().positive(),
  ram: size.meta({ description: '`2GB`; a bare number is MB' }),
  disc: size.meta({ description: '`20GB`; a bare number is GB' }),
}

/** What the original's create and update have in common: all of it. */
const fields = {
  name: name.meta({ description: '1 to 63 letters, digits and dashes; it becomes the host name' }),
  owner: key.meta({ description: 'the user group that is charged' }),
  ...hardware,
  oskey: count.meta({ description: 'of `/oses`' }),
  clusterkey: key,
  datastore: text(200)
    .min(1, 'is empty')
    .meta({ description: 'its name, or `auto`: the one with the most free space that fits' }),
}

const creation = z.strictObject({
  ...fields,
  thickprovisioning: z.boolean().optional().meta({ description: 'default: thin' }),
  firmware: z.enum(['bios', 'uefi']).optional().meta({ description: 'default: bios' }),
  networks: z.array(key).max(16).optional().meta({ description: 'each gets a card with a free address' }),
})

const machine = z.object({
  key,
  owner: key,
  name: z.string(),
  cpu: z.int(),
  ram: printedSize,
  disc: printedSize,
  datastore: z.string(),
  oskey: count.meta({ description: '0: a system that is not in the catalog' }),
  clusterkey: key,
  networks: z.array(key).meta({ description: 'the network of each card, in order' }),
  deployed: z.boolean(),
  scheduleddeletion: timestamp.meta({ description: 'when a deletion that failed will be forced; 0: never' }),
  installparameters: count.meta({ description: 'for `/virtualmachines/parameter/:key`; 0: none yet' }),
  status: z
    .enum(['planned', 'importing', 'installing', 'cloning', 'deployed', 'template', 'failed', 'deleting'])
    .meta({ description: 'planned: on paper only' }),
  thickprovisioning: z.boolean(),
  firmware: z.enum(['bios', 'uefi']),
  placeddatastore: z.string().optional().meta({ description: 'where its disc is, once it is deployed' }),
})

const install = z.object({
  id: z.string().meta({ description: 'of the run' }),
  vmkey: key,
  operation: z.string(),
  phase: z.enum(['planned', 'published', 'booted', 'installing', 'finishing', 'ready', 'failed']),
  percent: z.int(),
  detail: z.string().optional(),
  creationdate: timestamp,
  enddate: timestamp.optional(),
  phases: z
    .array(
      z.object({
        phase: z.string(),
        startdate: timestamp,
        duration: count.optional().meta({ description: 'milliseconds' }),
      }),
    )
    .meta({ description: 'what it has come to, in order; the last one has no duration' }),
  trace: z.string().optional().meta({ description: "W3C traceparent; a request's own `traceparent` goes on in it" }),
  console: z.array(z.string()).optional().meta({ description: 'the last lines of the serial console, when it failed' }),
})

/** Virtual machines: first on paper, then on the hypervisor. */
export const virtualMachines = {
  create: defineOperation({
    method: 'POST',
    path: '/virtualmachines',
    title: 'Create a virtual machine',
    description:
      'On paper, with its addresses, charged to its group. Installing it, or cloning a template, brings it to life.',
    permission: 'machines:write',
    body: creation,
    result: machine,
    origin: 'original',
  }),
  plan: defineOperation({
    method: 'POST',
    path: '/virtualmachines/plan',
    title: 'Say what creating a virtual machine would do',
    description:
      'Names every problem at once, with the dimension of the contingent that blocks. Nothing is written or held.',
    permission: 'machines:write',
    body: creation,
    result: machinePlan,
    runs: 'again',
    origin: 'virtkit',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/virtualmachines',
    title: 'Read all virtual machines',
    permission: 'machines:read',
    query: listQuery(machine, ['key', 'name', 'owner', 'clusterkey', 'status']),
    result: z.array(machine),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/virtualmachines/:key',
    title: 'Read a virtual machine',
    permission: 'machines:read',
    params: byKey,
    result: machine,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/virtualmachines/:key',
    title: 'Replace a virtual machine',
    description:
      'The hardware of a deployed one is changed on the hypervisor, and not together with its name or owner. System, cluster and datastore are open until it is installed.',
    permission: 'machines:write',
    params: byKey,
    body: z.strictObject(fields),
    result: machine,
    goesOn: true,
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/virtualmachines/:key',
    title: 'Delete a virtual machine',
    description:
      'Also on the hypervisor. If that refuses, it is asked again until `scheduleddeletion`, and then forgotten here.',
    permission: 'machines:delete',
    params: byKey,
    result: z.object({ msg: z.string(), key, ...goingOn }),
    goesOn: true,
    origin: 'original',
  }),
  info: defineOperation({
    method: 'GET',
    path: '/virtualmachines/:key/info',
    title: 'Read what the hypervisor says of a virtual machine',
    permission: 'machines:read',
    params: byKey,
    result: z.object({
      name: z.string(),
      powerstate: z.enum(['on', 'off', 'suspended']),
      ips: z.array(z.string()).meta({ description: 'that it uses; those that it was given while it tells none' }),
    }),
    origin: 'original',
  }),
  compare: defineOperation({
    method: 'GET',
    path: '/virtualmachines/:key/compare',
    title: 'Say where paper and hypervisor differ',
    permission: 'machines:read',
    params: byKey,
    result: z.array(z.object({ field: z.string(), paper: z.string(), hypervisor: z.string() })),
    origin: 'virtkit',
  }),
  install: defineOperation({
    method: 'POST',
    path: '/virtualmachines/:key/install',
    title: 'Install a virtual machine',
    permission: 'machines:install',
    params: byKey,
    body: z.strictObject({
      thickprovisioning: z.boolean().optional().meta({ description: "default: the machine's own" }),
      locale: text(100).optional().meta({ description: 'default: `en_US.UTF-8`' }),
      keyboard: text(100).optional().meta({ description: 'default: `us`' }),
      password: text(200)
        .optional()
        .meta({ description: "SHA-512 crypt hash of root's password (`mkpasswd -m sha-512`); default: a random password" }),
      timezone: text(100).optional().meta({ description: 'default: `Etc/UTC`' }),
      sshkeys: z.array(text(8192)).max(64).optional().meta({ description: 'lines as in `authorized_keys`, for root' }),
      packages: z.array(text(100)).max(500).optional(),
      boot: z.enum(['medium', 'network']).optional().meta({
        description: 'what it boots from: a medium of its own (default), or the network (PXE), known by its first card',
      }),
    }),
    result: doneOrGoingOn.extend({
      install: z.string().meta({ description: 'id of the run, as in `/virtualmachines/:key/installs`' }),
      password: z.string().optional().meta({
        description: "root's random password, when no hash was given; told once, and kept nowhere but in its hash",
      }),
    }),
    status: 202,
    origin: 'original',
  }),
  installs: defineOperation({
    method: 'GET',
    path: '/virtualmachines/:key/installs',
    title: 'Read the installations of a virtual machine, newest first',
    permission: 'machines:read',
    params: byKey,
    result: z.array(install),
    origin: 'virtkit',
  }),
  parameter: defineOperation({
    method: 'GET',
    path: '/virtualmachines/parameter/:key',
    title: 'Read install parameters',
    description: 'It shows a password hash, so it needs more than reading machines does.',
    permission: 'machines:install',
    params: byKey,
    result: z.object({
      key,
      locale: z.string(),
      keyboard: z.string(),
      password: z.string().meta({ description: 'SHA-512 crypt hash' }),
      timezone: z.string(),
      sshkeys: z.array(z.string()),
      packages: z.array(z.string()),
    }),
    origin: 'original',
  }),
  poweron: defineOperation({
    method: 'POST',
    path: '/virtualmachines/:key/poweron',
    title: 'Switch a virtual machine on',
    permission: 'machines:power',
    params: byKey,
    result: doneOrGoingOn,
    goesOn: true,
    origin: 'original',
  }),
  poweroff: defineOperation({
    method: 'POST',
    path: '/virtualmachines/:key/poweroff',
    title: 'Switch a virtual machine off',
    description: 'At once, as if the plug were pulled.',
    permission: 'machines:power',
    params: byKey,
    result: doneOrGoingOn,
    goesOn: true,
    origin: 'original',
  }),
  shutdown: defineOperation({
    method: 'POST',
    path: '/virtualmachines/:key/shutdown',
    title: 'Ask a virtual machine to shut down',
    description: 'The guest is asked; after two minutes the plug is pulled.',
    permission: 'machines:power',
    params: byKey,
    result: doneOrGoingOn,
    goesOn: true,
    origin: 'virtkit',
  }),
}
