import { z } from 'zod'
import { doneOrGoingOn } from '../accepted.ts'
import { defineOperation } from '../operation.ts'
import { byKey, count, key, name, printedSize, size, text } from '../values.ts'

const template = z.object({
  name: z.string(),
  clusterkey: key,
  vmkey: count.meta({ description: 'the virtual machine that it was; 0: none of ours' }),
  cpu: z.int(),
  ram: printedSize,
  disc: printedSize,
  firmware: z.enum(['bios', 'uefi']),
})

/** Templates of clusters, and virtual machines made from them without an installation. */
export const templates = {
  list: defineOperation({
    method: 'GET',
    path: '/clusters/:key/templates',
    title: 'Read the templates of a cluster',
    permission: 'machines:read',
    params: byKey,
    result: z.array(template),
    origin: 'virtkit',
  }),
  register: defineOperation({
    method: 'POST',
    path: '/virtualmachines/:key/template',
    title: 'Turn a stopped virtual machine into a template',
    permission: 'machines:write',
    params: byKey,
    result: doneOrGoingOn,
    goesOn: true,
    origin: 'virtkit',
  }),
  clone: defineOperation({
    method: 'POST',
    path: '/clusters/:key/templates/clone',
    title: 'Make a virtual machine from a template',
    description: 'It goes on as an operation; one that fails leaves nothing, neither on the hypervisor nor on paper.',
    permission: 'machines:write',
    params: byKey,
    body: z.strictObject({
      template: name,
      name: name.meta({ description: '1 to 63 letters, digits and dashes; it becomes the host name' }),
      owner: key.meta({ description: 'the user group that is charged' }),
      cpu: z.int().positive().optional().meta({ description: "default of the three: the template's" }),
      ram: size.optional(),
      disc: size.optional(),
      datastore: text(200).optional().meta({ description: 'default: `auto`' }),
      networks: z.array(key).max(16).optional().meta({ description: 'each gets a card with a free address' }),
      sshkeys: z.array(text(8192)).max(64).optional().meta({ description: 'lines as in `authorized_keys`' }),
    }),
    result: doneOrGoingOn.extend({ key: key.meta({ description: 'of the virtual machine' }) }),
    status: 202,
    runs: 'keyed',
    origin: 'virtkit',
  }),
}
