import { type MachineInfo, type OwnedMachine, type PowerState, notFound } from '@virtkit/spi'
import { says } from '../client/error-texts.ts'
import type { PveCall } from '../client/pve-call.ts'
import { type Wire, record, records, text } from '../client/wire.ts'
import { notOurs } from '../errors.ts'
import { type Session, splitTags } from '../session.ts'
import { ownIds } from './candidate-ids.ts'
import { type Hardware, readHardware } from './hardware.ts'
import { type Mark, readMark, serverNameOf, tagOf } from './mark.ts'
import { provisioningOf } from './storage-kind.ts'

/** A machine as it is now. */
export interface Found {
  readonly vmid: number
  readonly node: string
  readonly config: Wire
  readonly hardware: Hardware
  readonly mark: Mark | undefined
  /** What somebody is doing to it: `create`, `backup`. */
  readonly lock: string | undefined
  readonly tags: readonly string[]
  readonly info: MachineInfo
}

/** Finds machines, wherever they are, and checks whose they are. */
export class MachineReader {
  readonly #session: Session
  /** Where machines were last. */
  readonly #nodes = new Map<number, string>()
  /** What never changes of a storage. */
  readonly #types = new Map<string, string>()

  constructor(session: Session) {
    this.#session = session
  }

  async find(pve: PveCall, ref: string): Promise<Found | undefined> {
    const vmid = vmidOf(ref)
    if (vmid === undefined) return undefined
    const before = this.#nodes.get(vmid)
    const found = before === undefined ? undefined : await this.readAt(pve, vmid, before)
    if (found) return found
    // It is somewhere else, or nowhere; and while we look it may move.
    for (let round = 0; round < 3; round += 1) {
      const node = (await this.#session.guests(pve)).get(vmid)?.node
      if (node === undefined || node === '') break
      const there = await this.readAt(pve, vmid, node)
      if (there) return there
    }
    this.#nodes.delete(vmid)
    return undefined
  }

  /** Throws `NOT_FOUND`. */
  async get(pve: PveCall, ref: string): Promise<Found> {
    const found = await this.find(pve, ref)
    if (!found) throw notFound('machine', ref)
    return found
  }

  /** Throws `NOT_FOUND`, and `NOT_OURS` unless it carries that mark. */
  async owned(pve: PveCall, { ref, key }: OwnedMachine): Promise<Found> {
    const found = await this.get(pve, ref)
    if (found.mark?.key !== key) throw notOurs(ref)
    return found
  }

  async byKey(pve: PveCall, key: string): Promise<Found | undefined> {
    const guests = await this.#session.guests(pve)
    const tag = tagOf(key)
    const tagged = [...guests.values()].filter(({ tags }) => tags.includes(tag)).map(({ vmid }) => vmid)
    // A clone gets its tag after its mark; it is then among the numbers that the key may have.
    const own = ownIds(key, this.#session.options.idRange).filter((id) => guests.has(id))
    for (const vmid of new Set([...tagged, ...own])) {
      const found = await this.find(pve, String(vmid))
      if (found?.mark?.key === key) return found
    }
    return undefined
  }

  /** The machine on that node, or undefined when it is not there. `status`: what a list has told of it. */
  async readAt(pve: PveCall, vmid: number, node: string, status?: Wire): Promise<Found | undefined> {
    const at = { node, vmid }
    try {
      const [config, current] = await Promise.all([
        pve.get('/nodes/{node}/qemu/{vmid}/config', at).then(record),
        status ?? pve.get('/nodes/{node}/qemu/{vmid}/status/current', at).then(record),
      ])
      this.#nodes.set(vmid, node)
      return await this.#describe(pve, vmid, node, config, current)
    } catch (error) {
      if (says(error, 'machineMissing')) return undefined
      throw error
    }
  }

  async #describe(pve: PveCall, vmid: number, node: string, config: Wire, status: Wire): Promise<Found> {
    const hardware = readHardware(config, vmid)
    const mark = readMark(text(config['description']), vmid)
    await this.#knowTypes(
      pve,
      hardware.drives.map(({ datastore }) => datastore),
    )
    const { name, cpus, memoryMiB, firmware, drives, cards, tray, bootsFrom, isTemplate, guestOs } = hardware
    // Who renames it over there means it.
    const called = mark?.name !== undefined && serverNameOf({ ...mark, name: mark.name }) === name ? mark.name : name
    const info: MachineInfo = {
      ref: String(vmid),
      name: called,
      ...(mark && { key: mark.key }),
      power: powerOf(status),
      cpus,
      memoryMiB,
      firmware,
      disks: drives.map(({ sizeMiB, volid, datastore }) => ({
        sizeMiB,
        provisioning: provisioningOf(volid, this.#types.get(datastore)),
        datastore,
      })),
      nics: cards.map(({ network, mac }) => ({ network, mac })),
      ...(tray?.medium !== undefined && { medium: tray.medium }),
      bootsFrom,
      host: node,
      isTemplate,
      ...(guestOs !== undefined && { guestOs }),
    }
    const tags = splitTags(text(config['tags']))
    return { vmid, node, config, hardware, mark, lock: text(config['lock']), tags, info }
  }

  async #knowTypes(pve: PveCall, datastores: readonly string[]): Promise<void> {
    if (datastores.every((name) => name === '' || this.#types.has(name))) return
    for (const line of records(await pve.get('/cluster/resources', {}, { type: 'storage' }))) {
      const [name, type] = [text(line['storage']), text(line['plugintype'])]
      if (name !== undefined && type !== undefined) this.#types.set(name, type)
    }
    // One that we may not see has no type that we could learn; it is not asked for again each time.
    for (const name of datastores) if (!this.#types.has(name)) this.#types.set(name, 'dir')
  }
}

function vmidOf(ref: string): number | undefined {
  return /^[1-9]\d{2,8}$/.test(ref) ? Number(ref) : undefined
}

export function powerOf(status: Wire): PowerState {
  if (status['lock'] === 'suspended') return 'suspended'
  if (status['status'] !== 'running') return 'off'
  return ['paused', 'suspended'].includes(text(status['qmpstatus']) ?? '') ? 'suspended' : 'on'
}
