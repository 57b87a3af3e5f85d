import { z } from 'zod'
import { doneOrGoingOn } from '../accepted.ts'
import { listQuery } from '../lists.ts'
import { defineOperation } from '../operation.ts'
import { byKey, key, text, timestamp } from '../values.ts'

const snapshot = z.object({
  vmkey: key,
  name: z.string(),
  key,
  id: z.string().meta({ description: "the hypervisor's own name for it" }),
  description: z.string(),
  creationdate: timestamp,
  path: z
    .string()
    .meta({ description: 'the names from the root to it; a slash in a name is `%2f`', examples: ['/before/after'] }),
  iscurrent: z.boolean().meta({ description: "the machine's present state descends from it" }),
  includememory: z.boolean(),
})

const ofMachine = z.strictObject({ vmkey: key })
const bySnapshot = z.strictObject({ vmkey: key, key })
const text80 = text(80)
const description = text(400).optional()

/** Snapshots of virtual machines: the hypervisor's own. Their keys are theirs for ever, per machine. */
export const virtualMachineSnapshots = {
  create: defineOperation({
    method: 'POST',
    path: '/virtualmachines/:vmkey/snapshots',
    title: 'Take a snapshot',
    permission: 'snapshots:write',
    params: ofMachine,
    body: z.strictObject({
      name: text80.min(1, 'is empty'),
      description,
      includememory: z.boolean().optional().meta({ description: 'of a running machine; default: false' }),
    }),
    result: snapshot,
    goesOn: true,
    runs: 'keyed',
    origin: 'original',
  }),
  list: defineOperation({
    method: 'GET',
    path: '/virtualmachines/:key/snapshots',
    title: 'Read the snapshots of a virtual machine, parents before children',
    permission: 'snapshots:read',
    params: byKey,
    query: listQuery(snapshot, ['name', 'id', 'creationdate', 'path', 'iscurrent', 'includememory']),
    result: z.array(snapshot),
    origin: 'original',
  }),
  get: defineOperation({
    method: 'GET',
    path: '/virtualmachines/:vmkey/snapshots/:key',
    title: 'Read a snapshot',
    permission: 'snapshots:read',
    params: bySnapshot,
    result: snapshot,
    origin: 'original',
  }),
  update: defineOperation({
    method: 'PUT',
    path: '/virtualmachines/:vmkey/snapshots/:key',
    title: 'Rename or describe a snapshot',
    description: 'What is left out stays as it is: the original requires neither.',
    permission: 'snapshots:write',
    params: bySnapshot,
    body: z.strictObject({ description, name: text80.optional() }),
    result: doneOrGoingOn,
    goesOn: true,
    runs: 'keyed',
    origin: 'original',
  }),
  remove: defineOperation({
    method: 'DELETE',
    path: '/virtualmachines/:vmkey/snapshots/:key',
    title: 'Delete a snapshot',
    description: 'Its children move up to its parent.',
    permission: 'snapshots:write',
    params: bySnapshot,
    result: doneOrGoingOn,
    goesOn: true,
    runs: 'keyed',
    origin: 'original',
  }),
  restore: defineOperation({
    method: 'POST',
    path: '/virtualmachines/:vmkey/snapshots/:key/restore',
    title: 'Put a virtual machine back to a snapshot',
    description: 'Its hardware on paper and its contingent follow; what the contingent refuses is put back.',
    permission: 'snapshots:write',
    params: bySnapshot,
    result: doneOrGoingOn,
    goesOn: true,
    runs: 'keyed',
    origin: 'original',
  }),
  updatehardware: defineOperation({
    method: 'POST',
    path: '/virtualmachines/:vmkey/snapshots/updatehardware',
    title: "Apply a virtual machine's present hardware to snapshots",
    permission: 'snapshots:write',
    params: ofMachine,
    body: z.strictObject({ keys: z.array(key).max(1000) }),
    result: doneOrGoingOn,
    goesOn: true,
    runs: 'keyed',
    origin: 'original',
  }),
}
