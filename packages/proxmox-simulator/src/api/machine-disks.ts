import { failed } from '../api-error.ts'
import { checkLock } from '../tasks/machine-locks.ts'
import { drivesOf, formatting, putAside, resizedDrive, volumesOf } from '../world/drives.ts'
import { type Machine, diskKey, unusedKey } from '../world/machine.ts'
import { parsePropertyString, parseSize, renderPropertyString } from '../world/property-string.ts'
import { applyChange, checkDigest } from './config-changes.ts'
import { machineOf } from './machine-config.ts'
import { machineId, vmid } from './machine-parameters.ts'
import { flag, oneOf, optional, text, whole } from './parameters.ts'
import { rootOption } from './root-option.ts'
import type { Call, Route } from './route.ts'

const numbered = (bus: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${bus}${index}`)
/** Every place for a disk. */
export const disks: readonly string[] = [
  ...numbered('ide', 4),
  ...numbered('scsi', 31),
  ...numbered('virtio', 16),
  ...numbered('sata', 6),
  'efidisk0',
  'tpmstate0',
]
const diskPrivilege = { path: '/vms/{vmid}', privileges: ['VM.Config.Disk'] }

export const machineDiskRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path: '/nodes/{node}/qemu/{vmid}/resize',
    parameters: {
      ...machineId,
      disk: oneOf(...disks),
      size: text({ pattern: /\+?\d+(?:\.\d+)?[KMGT]?/ }),
      ...optional({ digest: text({ maxLength: 40 }), skiplock: flag }),
    },
    access: diskPrivilege,
    answer: resize,
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/move_disk',
    parameters: {
      ...machineId,
      disk: oneOf(...disks, ...numbered('unused', 256)),
      ...optional({
        bwlimit: whole(0),
        delete: flag,
        digest: text({ maxLength: 40 }),
        format: oneOf('raw', 'qcow2', 'vmdk'),
        storage: text({ format: 'storage' }),
        'target-digest': text({ maxLength: 40 }),
        'target-disk': oneOf(...disks, ...numbered('unused', 256)),
        'target-vmid': vmid,
      }),
    },
    access: diskPrivilege,
    answer: move,
  },
  {
    method: 'PUT',
    path: '/nodes/{node}/qemu/{vmid}/unlink',
    parameters: { ...machineId, idlist: text({ format: 'config-id-list' }), ...optional({ force: flag }) },
    access: diskPrivilege,
    answer: (call) => {
      const machine = machineOf(call)
      checkLock(machine)
      const remove = call.params.list('idlist')
      const volids = remove.map((key) => machine.config.get(key)?.split(',')[0])
      applyChange(call, machine, { set: [], remove, revert: [] })
      if (call.params.flag('force')) forget(call, machine, volids)
      return null
    },
  },
]

function forget({ world }: Call, machine: Machine, volids: readonly (string | undefined)[]): void {
  for (const [key, volid] of machine.config) if (unusedKey.test(key) && volids.includes(volid)) machine.config.delete(key)
  for (const volid of volids)
    if (volid !== undefined && !volumesOf(machine).has(volid)) world.storages.remove(volid, machine.node)
}

function resize(call: Call): string {
  rootOption(call, 'skiplock')
  const { params, world } = call
  const [node, id, disk, size] = [params.text('node'), params.number('vmid'), params.text('disk'), params.text('size')]
  checkDigest(call, machineOf(call))
  return call.start(node, 'resize', id, (hand) =>
    call.locks.hold(id, async () => {
      await hand.pause(60)
      const machine = world.machine(node, id)
      if (!params.flag('skiplock')) checkLock(machine)
      const value = machine.config.get(disk)
      if (value === undefined) throw failed(`disk '${disk}' does not exist`)
      const volume = world.storages.find(value.split(',')[0] ?? '', node)
      if (!volume) throw failed(`disk '${disk}' has no backing volume`)
      await hand.pause(250)
      const bytes = (size.startsWith('+') ? volume.size : 0) + (parseSize(size.replace('+', '')) ?? 0)
      if (bytes < volume.size) throw failed('shrinking disks is not supported')
      volume.size = bytes
      machine.config.set(disk, resizedDrive(value, bytes))
      hand.log('Image resized.')
    }),
  )
}

function move(call: Call): string {
  const { params, world } = call
  const [node, id, disk, storage] = [
    params.text('node'),
    params.number('vmid'),
    params.text('disk'),
    params.find('storage'),
  ]
  const machine = machineOf(call)
  checkDigest(call, machine)
  checkLock(machine)
  if (storage === undefined || params.has('target-vmid')) {
    throw failed('reassigning a disk to another VM is not part of this simulator: name a storage')
  }
  call.check(`/storage/${storage}`, ['Datastore.AllocateSpace'])
  world.storages.get(storage, node)
  const value = machine.config.get(disk)
  if (value === undefined) throw failed(`disk '${disk}' does not exist`)
  const { head, options } = parsePropertyString(value, 'file')
  const source = drivesOf(machine.config).find(({ key }) => key === disk)
  const volume = world.storages.find(head, node)
  if (!diskKey.test(disk) || !source || !volume) throw failed(`you can't move a cdrom`)
  if (volume.storage === storage && !params.has('format')) {
    throw failed("you can't move to the same storage with same format")
  }
  if ([...machine.snapshots.values()].some(({ config }) => config.get(disk)?.startsWith(head))) {
    throw failed("you can't move a disk with snapshots and delete the source")
  }
  return call.start(node, 'qmmove', id, (hand) =>
    call.locks.hold(id, async () => {
      hand.log(`create full clone of drive ${disk} (${head})`)
      const format = params.find('format') ?? volume.format
      const made = world.storages.allocate({ storage, node, vmid: id, size: volume.size, format })
      hand.log(...formatting(world.storages, made))
      await hand.pause(800)
      machine.config.set(disk, renderPropertyString({ head: made.volid, options }))
      if (params.flag('delete')) world.storages.remove(head, node)
      else putAside(machine.config, head)
    }),
  )
}
