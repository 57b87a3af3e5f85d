import { type InputProblem, type MachineChange, type NicSpec, invalidInput } from '@virtkit/spi'
import type { PveCall } from '../client/pve-call.ts'
import type { PveParams } from '../client/transport.ts'
import { text } from '../client/wire.ts'
import { conflict } from '../errors.ts'
import { requireRoom } from '../site/placement.ts'
import { readNetworks, readStorages } from '../site/site.ts'
import { bootOrder, cardValue } from './create-params.ts'
import type { Card } from './hardware.ts'
import type { Found } from './machine-reader.ts'
import { serverNameOf, withMark } from './mark.ts'
import { nameProblems, nicProblems, wholeProblems } from './spec-problems.ts'

const configPath = '/nodes/{node}/qemu/{vmid}/config'

/** A disk that is to be larger. */
interface Growth {
  readonly key: string
  readonly sizeMiB: number
}

/**
 * Changes what is to be changed: everything but disks in one request, then the disks, which cannot be made smaller again. A disk that
 * does not grow takes the rest back.
 */
export async function reconfigure(pve: PveCall, found: Found, change: MachineChange): Promise<void> {
  await checkChange(pve, found, change)
  const { node, vmid, config } = found
  const set = changedParams(found, change)
  const growths = growthsOf(found, change)
  if (Object.keys(set).length > 0) {
    const at = { node, vmid }
    await pve.change({ method: 'PUT', path: configPath, at, params: { ...set, digest: text(config['digest']) } })
  }
  let grown = 0
  try {
    for (const { key: disk, sizeMiB } of growths) {
      const path = '/nodes/{node}/qemu/{vmid}/resize'
      await pve.change({ method: 'PUT', path, at: { node, vmid }, params: { disk, size: `${sizeMiB}M` } })
      grown += 1
    }
  } catch (error) {
    if (grown > 0 || Object.keys(set).length === 0 || pve.signal.aborted) throw error
    await pve.change({ method: 'PUT', path: configPath, at: { node, vmid }, params: before(found, set) })
    pve.undone()
    throw error
  }
}

function growthsOf({ hardware }: Found, { diskSizesMiB = [] }: MachineChange): readonly Growth[] {
  return hardware.drives.flatMap(({ key, sizeMiB: now }, index) => {
    const sizeMiB = diskSizesMiB[index]
    return sizeMiB === undefined || sizeMiB === now ? [] : [{ key, sizeMiB }]
  })
}

/** The keys that become others, and those that go. */
function changedParams(found: Found, { name, cpus, memoryMiB, nics }: MachineChange): PveParams {
  const { hardware, info } = found
  const { cards, drives, bootsFrom, tray } = hardware
  const gone = nics ? cards.slice(nics.length).map(({ key }) => key) : []
  const slots = nics?.map((_, index) => cards[index]?.key ?? freeSlot(cards, index)) ?? []
  const cardParams = (nics ?? []).flatMap((nic, index) => {
    const value = nextCard(nic, cards[index])
    return value === cards[index]?.value ? [] : [[slots[index] ?? `net${index}`, value] as const]
  })
  const order =
    nics && (gone.length > 0 || slots.length > cards.length)
      ? bootOrder(
          drives.map(({ key }) => key),
          slots,
          bootsFrom,
          tray?.key,
        )
      : undefined
  return {
    ...(name !== undefined && name !== info.name && renaming(found, name)),
    ...(cpus !== undefined && cpus !== hardware.cpus && { cores: cpus, sockets: 1 }),
    ...(memoryMiB !== undefined && memoryMiB !== hardware.memoryMiB && { memory: memoryMiB }),
    ...Object.fromEntries(cardParams),
    ...(order && { boot: `order=${order.join(';')}` }),
    ...(gone.length > 0 && { delete: gone.join(',') }),
  }
}

/** The guest keeps a name that it was given apart from the machine's, unless somebody has changed that over there. */
function renaming({ hardware, config, vmid, mark }: Found, name: string): PveParams {
  const names = {
    name,
    ...(mark?.hostName !== undefined && mark.hostName === hardware.name && { hostName: mark.hostName }),
  }
  if (!mark) return { name: serverNameOf(names) }
  const { key, unfinished } = mark
  const description = withMark(text(config['description']), vmid, { key, unfinished, ...names })
  return { name: serverNameOf(names), description }
}

function freeSlot(cards: readonly Card[], index: number): string {
  const taken = new Set(cards.map(({ key }) => Number(key.slice(3))))
  const free = Array.from({ length: 64 }, (_, slot) => slot).filter((slot) => !taken.has(slot))
  return `net${free[index - cards.length] ?? index}`
}

/** A card that stays what it is keeps what else was set for it: firewall, rate, queues. */
function nextCard({ mac, network }: NicSpec, card: Card | undefined): string {
  if (card?.mac === mac.toLowerCase() && card.network === network) return card.value
  return cardValue(mac, network)
}

/** The values that were there before `set`. */
function before({ config }: Found, set: PveParams): PveParams {
  const keys = [...Object.keys(set).filter((key) => key !== 'delete'), ...(text(set['delete'])?.split(',') ?? [])]
  const had = keys.filter((key) => config[key] !== undefined)
  const hadNot = keys.filter((key) => config[key] === undefined)
  return {
    ...Object.fromEntries(had.map((key) => [key, text(config[key])])),
    ...(hadNot.length > 0 && { delete: hadNot.join(',') }),
  }
}

async function checkChange(pve: PveCall, found: Found, change: MachineChange): Promise<void> {
  const { hardware, node, info } = found
  const { name, cpus, memoryMiB, nics, diskSizesMiB = [] } = change
  const problems: InputProblem[] = [
    ...(name === undefined ? [] : nameProblems(name)),
    ...(cpus === undefined ? [] : wholeProblems('cpus', cpus, 1)),
    ...(memoryMiB === undefined ? [] : wholeProblems('memoryMiB', memoryMiB, 16)),
    ...nicProblems(nics ?? []),
  ]
  diskSizesMiB.forEach((sizeMiB, index) => {
    const field = `diskSizesMiB[${index}]`
    const drive = hardware.drives[index]
    if (sizeMiB === undefined) return
    if (!drive) problems.push({ field, problem: `the machine has ${hardware.drives.length} disks` })
    else if (sizeMiB < drive.sizeMiB) problems.push({ field, problem: `disks only grow, and it has ${drive.sizeMiB} MiB` })
    else problems.push(...wholeProblems(field, sizeMiB, 1))
  })
  if (nics && nics.length > 0) {
    const names = (await readNetworks(pve, node)).map((network) => network.name)
    nics.forEach(({ network }, index) => {
      if (!names.includes(network)) {
        const hint = `there: ${names.join(', ')}`
        problems.push({ field: `nics[${index}].network`, problem: `${node} has no network ${network}`, hint })
      }
    })
  }
  if (problems.length > 0) throw invalidInput(problems)
  const { name: _name, description: _description, ...hard } = changedParams(found, change)
  if (info.power !== 'off' && Object.keys(hard).length > 0) {
    throw conflict('The machine must be off before its cpus, memory or network cards are changed.', 'power')
  }
  await checkGrowth(pve, found, growthsOf(found, change))
}

async function checkGrowth(pve: PveCall, { node, hardware, info }: Found, growths: readonly Growth[]): Promise<void> {
  const asked = new Map<string, number>()
  for (const { key, sizeMiB } of growths) {
    const index = hardware.drives.findIndex((drive) => drive.key === key)
    const drive = hardware.drives[index]
    if (!drive || info.disks[index]?.provisioning !== 'thick') continue
    asked.set(drive.datastore, (asked.get(drive.datastore) ?? 0) + sizeMiB - drive.sizeMiB)
  }
  if (asked.size === 0) return
  for (const storage of await readStorages(pve, node)) {
    const askedMiB = asked.get(storage.name)
    if (askedMiB !== undefined) await requireRoom(pve, storage, askedMiB)
  }
}
