import { randomUUID } from 'node:crypto'
import { denied, failed } from '../api-error.ts'
import { checkLock } from '../tasks/machine-locks.ts'
import type { TaskHand, TaskWork } from '../tasks/tasks.ts'
import { drivesOf, formatting, settleNet, volumesOf } from '../world/drives.ts'
import { type Machine, diskKey, isTemplate, netKey, unusedKey } from '../world/machine.ts'
import { parsePropertyString, renderPropertyString } from '../world/property-string.ts'
import { releaseWords } from '../world/release-words.ts'
import { findSnapshot } from '../world/snapshots.ts'
import type { Volume } from '../world/storages.ts'
import { discard, reserve } from './machine-create.ts'
import { disks } from './machine-disks.ts'
import { machineOf } from './machine-config.ts'
import { machineId, vmid as vmidParameter } from './machine-parameters.ts'
import { flag, oneOf, optional, text, whole } from './parameters.ts'
import { rootOption } from './root-option.ts'
import type { Call, Route } from './route.ts'

export const machineLifetimeRoutes: readonly Route[] = [
  {
    method: 'DELETE',
    path: '/nodes/{node}/qemu/{vmid}',
    parameters: { ...machineId, ...optional({ 'destroy-unreferenced-disks': flag, purge: flag, skiplock: flag }) },
    access: { path: '/vms/{vmid}', privileges: ['VM.Allocate'] },
    answer: destroy,
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/clone',
    parameters: {
      ...machineId,
      newid: vmidParameter,
      ...optional({
        bwlimit: whole(0),
        description: text(),
        format: { ...oneOf('raw', 'qcow2', 'vmdk') },
        full: flag,
        name: text({ format: 'dns-name' }),
        pool: text({ format: 'pool' }),
        snapname: text({ format: 'config-id', maxLength: 40 }),
        storage: text({ format: 'storage' }),
        target: text({ format: 'node' }),
      }),
    },
    access: { path: '/vms/{vmid}', privileges: ['VM.Clone'] },
    answer: clone,
  },
  {
    method: 'POST',
    path: '/nodes/{node}/qemu/{vmid}/template',
    parameters: { ...machineId, ...optional({ disk: oneOf(...disks) }) },
    access: { path: '/vms/{vmid}', privileges: ['VM.Allocate'] },
    answer: makeTemplate,
  },
]

function destroy(call: Call): string {
  rootOption(call, 'skiplock')
  const { params, world } = call
  const [node, id] = [params.text('node'), params.number('vmid')]
  const present = machineOf(call)
  if (present.config.get('protection') === '1') throw failed(`can't remove VM ${id} - protection mode enabled`)
  if (present.running) throw failed(`VM ${id} is running - destroy failed`)
  return call.start(node, 'qmdestroy', id, (hand) =>
    call.locks.hold(id, async () => {
      const machine = world.machine(node, id)
      if (!params.flag('skiplock')) checkLock(machine)
      if (machine.running) throw failed(`VM ${id} is running - destroy failed`)
      refuseWithLinkedClones(call, machine)
      await hand.pause(300)
      if (params.flag('purge')) hand.log(`purging VM ${id} from related configurations..`)
      for (const volid of volumesOf(machine)) world.storages.remove(volid, node)
      if (params.flag('destroy-unreferenced-disks')) {
        for (const { volid, vmid, content } of world.storages.volumes.values()) {
          if (vmid === id && content === 'images') world.storages.remove(volid, node)
        }
      }
      discard(call, machine)
    }),
  )
}

function refuseWithLinkedClones({ world }: Call, machine: Machine): void {
  const owned = volumesOf(machine)
  for (const { volid, base } of world.storages.volumes.values()) {
    if (base !== undefined && owned.has(base)) {
      throw failed(`base volume '${base}' is still in use by linked cloned '${volid}'`)
    }
  }
}

function clone(call: Call): string {
  const { params, world } = call
  const [node, id, newid, pool] = [params.text('node'), params.number('vmid'), params.number('newid'), params.find('pool')]
  const mayAllocate =
    call.may(`/vms/${newid}`, ['VM.Allocate']) || (pool !== undefined && call.may(`/pool/${pool}`, ['VM.Allocate']))
  // Where one of two paths is enough, the original does not say which.
  if (!mayAllocate) throw denied()
  const storage = params.find('storage')
  if (storage !== undefined) call.check(`/storage/${storage}`, ['Datastore.AllocateSpace'])
  const target = params.text('target', node)
  world.node(target)
  if (storage !== undefined) world.storages.get(storage, target)
  if (pool !== undefined && !world.pools.has(pool)) throw failed(`pool '${pool}' does not exist`)
  const source = machineOf(call)
  checkLock(source)
  const snapname = params.find('snapname')
  const config = snapname === undefined ? source.config : findSnapshot(source, snapname).config
  const full = params.has('full') ? params.flag('full') : !isTemplate(source)
  if (!full && storage !== undefined) throw failed("parameter 'storage' not allowed for linked clones")
  const drives = drivesOf(config)
  if (!full && !isTemplate(source) && drives.length > 0) {
    throw failed(`Linked clone feature is not supported for drive '${drives[0]?.key}'`)
  }
  const volumes = drives.map(({ key, volid }): [string, Volume] => {
    const volume = world.storages.find(volid, node)
    if (!volume) throw failed(`volume '${volid}' does not exist`)
    return [key, volume]
  })
  if (target !== node && volumes.some(([, volume]) => volume.node !== undefined)) {
    throw failed(`can't clone VM to node '${target}' (VM uses local storage)`)
  }
  if (world.machines.has(newid)) throw failed(`unable to create VM ${newid}: config file already exists`)
  const copy = reserve(call, newid, target, 'clone')
  if (pool !== undefined) world.pools.get(pool)?.vms.add(newid)
  for (const [key, value] of config) if (!unusedKey.test(key) && key !== 'template') copy.config.set(key, value)
  const work: TaskWork = async (hand) => {
    try {
      hand.log(...releaseWords[world.release].cloneBegins(id, newid))
      await copyDrives(call, hand, copy, volumes, full)
      individualise(call, copy)
      delete copy.lock
      if (source.guest) copy.guest = source.guest
    } catch (error) {
      for (const volid of volumesOf(copy)) if (!volumesOf(source).has(volid)) world.storages.remove(volid, target)
      discard(call, copy)
      throw failed(`clone failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  // Many may clone at once, but the machine that is copied does not go away meanwhile.
  return call.start(node, 'qmclone', id, (hand) => call.locks.share(id, () => work(hand)))
}

async function copyDrives(
  { params, world }: Call,
  hand: TaskHand,
  copy: Machine,
  volumes: readonly (readonly [string, Volume])[],
  full: boolean,
): Promise<void> {
  for (const [key, volume] of volumes) {
    const { options } = parsePropertyString(copy.config.get(key) ?? '', 'file')
    const place = { node: copy.node, vmid: copy.vmid, size: volume.size }
    let made: Volume
    if (full) {
      hand.log(`create full clone of drive ${key} (${volume.volid})`)
      const format = params.find('format') ?? volume.format
      made = world.storages.allocate({ ...place, storage: params.text('storage', volume.storage), format })
      const gib = (volume.size / 2 ** 30).toFixed(1)
      const allocated = releaseWords[world.release].cloneAllocated(made.volid)
      hand.log(...formatting(world.storages, made), ...allocated, `transferred 0.0 B of ${gib} GiB (0.00%)`)
      copy.config.set(key, renderPropertyString({ head: made.volid, options }))
      await hand.pause(800)
      hand.log(`transferred ${gib} GiB of ${gib} GiB (100.00%)`)
    } else {
      hand.log(`create linked clone of drive ${key} (${volume.volid})`)
      made = world.storages.allocate({ ...place, storage: volume.storage, format: volume.format, base: volume.volid })
      copy.config.set(key, renderPropertyString({ head: made.volid, options }))
      await hand.pause(100)
    }
  }
}

function individualise({ params }: Call, copy: Machine): void {
  const { config } = copy
  for (const [key, value] of config) {
    if (netKey.test(key)) config.set(key, settleNet(value.replace(/^(\w+)=[0-9A-F:]{17}/, '$1')))
    if (diskKey.test(key) && value.includes('cloudinit')) config.delete(key)
  }
  config.set('vmgenid', randomUUID())
  config.set('smbios1', (config.get('smbios1') ?? '').replace(/uuid=[^,]*|^$/, `uuid=${randomUUID()}`))
  config.set('name', params.find('name') ?? `Copy-of-VM-${config.get('name') ?? params.text('vmid')}`)
  if (params.has('description')) config.set('description', params.text('description'))
}

function makeTemplate(call: Call): string {
  const { params, world } = call
  const [node, id] = [params.text('node'), params.number('vmid')]
  const machine = machineOf(call)
  checkLock(machine)
  if (isTemplate(machine)) throw failed("you can't convert a template to a template")
  if (machine.snapshots.size > 0) throw failed('unable to create template, because VM contains snapshots')
  if (machine.running) throw failed("you can't convert a VM to template if VM is running")
  return call.start(node, 'qmtemplate', id, (hand) =>
    call.locks.hold(id, async () => {
      await hand.pause(300)
      for (const { key, volid } of drivesOf(machine.config)) {
        const volume = world.storages.find(volid, node)
        if (!volume) throw failed(`volume '${volid}' does not exist`)
        const base = volid.replace(`vm-${id}-`, `base-${id}-`)
        world.storages.remove(volid, node)
        world.storages.add({ ...volume, volid: base })
        machine.config.set(key, (machine.config.get(key) ?? '').replace(volid, base))
      }
      machine.config.set('template', '1')
    }),
  )
}
