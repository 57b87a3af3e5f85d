import { configPrivileges, rootOnlyKey } from '../access/privileges.ts'
import { failed, invalidParameters } from '../api-error.ts'
import { netCards, newDiskOf, putAside, settleDrive, settleNet, storageOf, volumesOf } from '../world/drives.ts'
import { type Machine, digestOf, diskKey, isCdrom, netKey, unusedKey } from '../world/machine.ts'
import { localZone } from '../world/networks.ts'
import { type Parameters, parameterNamed } from './parameters.ts'
import type { Call } from './route.ts'
import { configParameters } from './machine-parameters.ts'

/** A change of a machine's configuration: what is set, what goes, what is no longer to come. */
export interface ConfigChange {
  readonly set: readonly (readonly [string, string])[]
  readonly remove: readonly string[]
  readonly revert: readonly string[]
}

/** The part of a call's parameters that belongs into the file. */
export function configEntries({ params }: Call, besides: Parameters = {}): [string, string][] {
  return params
    .entries()
    .filter(([name]) => parameterNamed(configParameters, name) !== undefined && !(name in besides))
    .map(([name, value]) => (name === 'cdrom' ? ['ide2', `${value},media=cdrom`] : [name, value]))
}

export function readChange(call: Call): ConfigChange {
  const { params } = call
  const remove = params.list('delete')
  for (const key of [...remove, ...params.list('revert')]) {
    if (!parameterNamed(configParameters, key)) throw invalidParameters({ delete: `unknown option '${key}'` })
  }
  const set = configEntries(call)
  for (const key of remove) {
    if (params.has(key)) throw invalidParameters({ delete: `cannot use '-${key}' and '-delete ${key}' at the same time` })
  }
  return { set, remove, revert: params.list('revert') }
}

/**
 * Throws 403 for what the caller may not change, and 500 for what is root's alone. At creation drives are a matter of their
 * storage only, and what he may in the pool that it goes into is enough.
 */
export function checkChange(
  call: Call,
  vmid: number,
  { set, remove, revert }: ConfigChange,
  { creating = false, pool }: { readonly creating?: boolean; readonly pool?: string | undefined } = {},
): void {
  // The original goes through drives first, bus by bus.
  const inOrder = set.toSorted(([a], [b]) => Number(diskKey.test(b)) - Number(diskKey.test(a)) || (a < b ? -1 : 1))
  for (const [key, value] of [...inOrder, ...[...remove, ...revert].map((name) => [name, ''] as const)]) {
    if (rootOnlyKey.test(key)) {
      if (!call.isRoot) throw failed(`only root can set '${key}' config`)
      continue
    }
    const kept = value === '' ? (call.world.machines.get(vmid)?.config.get(key) ?? '') : value
    const privileges = configPrivileges(key, kept)
    const byPool = pool !== undefined && call.may(`/pool/${pool}`, privileges, true)
    if (!byPool && !(creating && diskKey.test(key))) call.check(`/vms/${vmid}`, privileges, true)
    if (diskKey.test(key) && value !== '') checkStorage(call, vmid, value)
    if (netKey.test(key) && value !== '') checkBridge(call, value)
  }
}

function checkStorage(call: Call, vmid: number, value: string): void {
  const storage = storageOf(value)
  if (storage === undefined) return
  const own = call.world.machines.get(vmid)
  if (own && volumesOf(own).has(value.split(',')[0] ?? '')) return
  const isNew = newDiskOf(value) !== undefined || value.startsWith(`${storage}:cloudinit`)
  if (isNew) call.check(`/storage/${storage}`, ['Datastore.AllocateSpace'])
  else call.check(`/storage/${storage}`, ['Datastore.AllocateSpace', 'Datastore.Audit'], true)
}

function checkBridge(call: Call, value: string): void {
  const { bridge, tag } = netCards(new Map([['net0', value]]))[0] ?? {}
  if (bridge === undefined) return
  const zone = call.world.vnets.get(bridge)?.zone ?? localZone
  call.check(`/sdn/zones/${zone}/${bridge}${tag === undefined ? '' : `/${tag}`}`, ['SDN.Use'])
}

/** Storages must be there before anything is begun. */
export function checkStorages({ world }: Call, node: string, set: ConfigChange['set']): void {
  for (const [key, value] of set) {
    const storage = diskKey.test(key) ? storageOf(value) : undefined
    if (storage !== undefined) world.storages.get(storage, node)
  }
}

export function checkDigest({ params }: Call, machine: Machine): void {
  const digest = params.find('digest')
  if (digest !== undefined && digest !== digestOf(machine)) throw failed('checksum mismatch (file change by other user?)')
}

/** Keys that a running machine takes at once; others wait for its next start. */
const atOnce = /^(?:name|description|onboot|startup|tags|protection|hookscript|vmstatestorage|lock|net\d+|unused\d+)$/

/** Applies a change. Answers what a task would log. */
export function applyChange({ world }: Call, machine: Machine, { set, remove, revert }: ConfigChange): string[] {
  const log: string[] = []
  for (const key of revert) machine.pending.delete(key)
  for (const key of remove) {
    const value = machine.config.get(key)
    machine.pending.delete(key)
    if (key === 'lock') delete machine.lock
    if (value === undefined) continue
    if (waits(machine, key, value)) machine.pending.set(key, undefined)
    else removeKey(world, machine, key, value)
  }
  for (const [key, given] of set) {
    if (key === 'lock') {
      machine.lock = given
      continue
    }
    const value = settle(world, machine, key, given, log)
    if (waits(machine, key, value) && machine.config.get(key) !== value) machine.pending.set(key, value)
    else {
      replaceDrive(machine, key, value)
      machine.pending.delete(key)
      machine.config.set(key, value)
    }
  }
  return log
}

/** At power on everything that waited comes into force. */
export function applyPending(world: Call['world'], machine: Machine): void {
  for (const [key, value] of machine.pending) {
    if (value !== undefined) {
      replaceDrive(machine, key, value)
      machine.config.set(key, value)
    } else removeKey(world, machine, key, machine.config.get(key) ?? '')
  }
  machine.pending.clear()
}

function waits({ running, config }: Machine, key: string, value: string): boolean {
  if (!running || atOnce.test(key)) return false
  // Disks can be plugged while the machine runs, with the default of `hotplug`; IDE and SATA cannot, but their media can change.
  if (/^(?:scsi|virtio)\d+$/.test(key)) return false
  if (diskKey.test(key) && isCdrom(value) && isCdrom(config.get(key) ?? '')) return false
  return true
}

function settle(world: Call['world'], machine: Machine, key: string, given: string, log: string[]): string {
  if (netKey.test(key)) {
    const old = /=([0-9A-F:]{17})/.exec(machine.config.get(key) ?? '')?.[1]
    return old === undefined ? settleNet(given) : settleNet(given, () => old)
  }
  if (!diskKey.test(key)) return given
  const settled = settleDrive(world.storages, machine, key, given)
  log.push(...settled.log)
  return settled.value
}

/** A disk that another one takes the place of is put aside; one that comes back is no longer unused. */
function replaceDrive(machine: Machine, key: string, value: string): void {
  if (!diskKey.test(key)) return
  const volid = value.split(',')[0] ?? ''
  const old = machine.config.get(key)
  if (old !== undefined && !isCdrom(old) && old.split(',')[0] !== volid) putAside(machine.config, old.split(',')[0] ?? '')
  for (const [unused, kept] of machine.config) if (unusedKey.test(unused) && kept === volid) machine.config.delete(unused)
}

function removeKey(world: Call['world'], machine: Machine, key: string, value: string): void {
  machine.config.delete(key)
  const volid = value.split(',')[0] ?? ''
  if (unusedKey.test(key)) {
    if (!volumesOf(machine).has(volid)) world.storages.remove(volid, machine.node)
  } else if (diskKey.test(key) && !isCdrom(value)) putAside(machine.config, volid)
  else if (diskKey.test(key) && volid.includes('cloudinit')) world.storages.remove(volid, machine.node)
}
