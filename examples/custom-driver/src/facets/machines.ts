import { type MachineInfo, type MachineOperations, type NicSpec, VirtkitError } from '@virtkit/spi'
import type { AcmeInstance } from '../../cloud/acme-cloud.ts'
import { type Asking, mark, unless, unsupported } from '../asking.ts'

export function acmeMachines(asking: Asking): MachineOperations {
  const machines: MachineOperations = {
    async findByKey(key, call) {
      const found = await asking.read(call, key, (ask, cloud) => cloud.byTag(mark, key, ask))
      return found && toMachine(found)
    },
    // create {
    async create(spec, call) {
      if (spec.medium) throw unsupported('media')
      const { host: node, datastore: pool } = spec.placement
      const volumes = spec.disks.map((d) => ({ mb: d.sizeMiB, sparse: d.provisioning === 'thin', pool: d.datastore }))
      const hardware = {
        vcpus: spec.cpus,
        ramMb: spec.memoryMiB,
        efi: spec.firmware === 'uefi',
        ports: spec.nics.map(toPort),
      }
      const order = { ...hardware, label: spec.name, tags: { [mark]: call.key }, node, pool, volumes }
      // Acme lets one instance carry the tag: 409 when there is one. Whoever made it, it is the machine of this key.
      const made = await asking.change(call, { ref: '' }, (ask, cloud) => cloud.create(order, mark, ask)).catch(unless(409))
      const machine = made ? toMachine(made) : await machines.findByKey(call.key, call)
      if (machine) return machine
      throw new VirtkitError('CONFLICT', 'The machine of this key was destroyed meanwhile.', { details: {} })
    },
    // }
    async find(ref, call) {
      const found = await asking.read(call, ref, (ask, cloud) => cloud.get(ref, ask)).catch(unless(404))
      return found && toMachine(found)
    },
    async mark(ref, call) {
      const { tags } = await asking.read(call, ref, (ask, cloud) => cloud.get(ref, ask))
      const found = tags[mark] ?? call.key
      if (found !== call.key) throw new VirtkitError('NOT_OURS', `${ref} carries another mark.`, { details: { ref } })
      await asking.change(call, { ref }, (ask, cloud) => cloud.patch(ref, { tags: { ...tags, [mark]: call.key } }, ask))
    },
    async unmark(machine, call) {
      const found = await machines.find(machine.ref, call)
      if (found?.key === undefined) return
      await asking.change(call, machine, (ask, cloud) => cloud.patch(machine.ref, { tags: {} }, ask))
    },
    async reconfigure(machine, { name, cpus, memoryMiB, nics, diskSizesMiB }, call) {
      const patch = { label: name, vcpus: cpus, ramMb: memoryMiB, ports: nics?.map(toPort), grow: diskSizesMiB }
      return toMachine(await asking.change(call, machine, (ask, cloud) => cloud.patch(machine.ref, patch, ask)))
    },
    async destroy(machine, call) {
      await asking.change(call, machine, (ask, cloud) => cloud.remove(machine.ref, ask)).catch(unless(404))
    },
  }
  return machines
}

/** An Acme instance in Virtkit's words. */
export function toMachine({
  id,
  label,
  tags,
  running,
  vcpus,
  ramMb,
  efi,
  volumes,
  ports,
  node,
}: AcmeInstance): MachineInfo {
  const about = { ref: id, name: label, key: tags[mark], host: node, isTemplate: false, bootsFrom: 'disk' as const }
  return {
    ...about,
    power: running ? 'on' : 'off',
    cpus: vcpus,
    memoryMiB: ramMb,
    firmware: efi ? 'uefi' : 'bios',
    disks: volumes.map(({ pool: datastore, mb: sizeMiB, sparse }) => {
      return { sizeMiB, provisioning: sparse ? 'thin' : 'thick', datastore }
    }),
    nics: ports.map(({ lan: network, hwaddr: mac }) => ({ network, mac })),
  }
}

function toPort({ network, mac }: NicSpec): { lan: string; hwaddr: string } {
  return { lan: network, hwaddr: mac }
}
