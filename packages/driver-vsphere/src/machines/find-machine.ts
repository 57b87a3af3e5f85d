import { type MachineInfo, type OwnedMachine, notFound } from '@virtkit/spi'
import { type Found, retrieveBelow, retrieveOne } from '../client/retrieve.ts'
import { VimFault } from '../client/soap/vim-fault.ts'
import { type MoRef, refAt } from '../client/xml/xml-tree.ts'
import { notOurs } from '../errors.ts'
import type { PlaceBook } from '../places/place-book.ts'
import type { Work } from '../session.ts'
import { instanceUuid, markOf } from './machine-mark.ts'
import { machineInfo, machinePaths } from './machine-view.ts'

/** How many machines are read at once where all of them are looked through. */
const pageSize = 500

export function machineRef(id: string): MoRef {
  return { moType: 'VirtualMachine', id }
}

/** Reads a machine; undefined when it is gone. */
export async function findMachine(
  work: Work,
  ref: string,
  paths: readonly string[] = machinePaths,
): Promise<Found | undefined> {
  try {
    const found = await retrieveOne(work.client, machineRef(ref), paths, work.options)
    // A machine that is just going away has lost its configuration already.
    return found.properties['name'] === undefined && paths.includes('name') ? undefined : found
  } catch (error) {
    if (error instanceof VimFault && error.fault === 'ManagedObjectNotFound' && isAbout(error, ref)) return undefined
    throw error
  }
}

/** It may be something else that is gone; then nothing is known of the machine. */
function isAbout(fault: VimFault, ref: string): boolean {
  const gone = refAt(fault.detail, 'obj')
  return gone === undefined || gone.id === ref
}

/** Reads a machine. Throws `NOT_FOUND`. */
export async function getMachine(work: Work, ref: string, paths: readonly string[] = machinePaths): Promise<Found> {
  const found = await findMachine(work, ref, paths)
  if (!found) throw notFound('machine', ref)
  return found
}

/** Reads a machine of ours. Throws `NOT_FOUND`, and `NOT_OURS` unless it carries the mark. */
export async function getOwned(work: Work, owned: OwnedMachine, paths: readonly string[] = []): Promise<Found> {
  const found = await getMachine(work, owned.ref, [
    ...new Set(['name', 'config.extraConfig', 'runtime.powerState', ...paths]),
  ])
  if (markOf(found.properties['config.extraConfig']) !== owned.key) throw notOurs(owned.ref)
  return found
}

/** The machine as it is now, in our words. Throws `NOT_FOUND`. */
export async function describe(work: Work, book: PlaceBook, ref: string): Promise<MachineInfo> {
  return inWords(work, book, await getMachine(work, ref))
}

export async function inWords(work: Work, book: PlaceBook, found: Found): Promise<MachineInfo> {
  const places = await book.places(work.signal)
  const host = refAt(found.properties['runtime.host'])
  const knows = host === undefined || places.get(host) !== undefined
  return machineInfo(found, knows ? places : await book.places(work.signal, true))
}

/** The machine that was made for a key: one question to the server's index. */
export async function findMade(work: Work, key: string): Promise<Found | undefined> {
  const fields = { uuid: instanceUuid(key), vmSearch: true, instanceUuid: true }
  const ref = refAt(await work.read('FindByUuid', work.client.service('searchIndex'), fields))
  const found = ref && (await findMachine(work, ref.id))
  return found && markOf(found.properties['config.extraConfig']) === key ? found : undefined
}

/** The machine that carries a mark, also one that was marked at import: those are found by looking at all. */
export async function findMarked(work: Work, key: string): Promise<Found | undefined> {
  const made = await findMade(work, key)
  if (made) return made
  const wanted = [{ type: 'VirtualMachine', pathSet: ['config.extraConfig'] }]
  for await (const page of retrieveBelow(work.client, work.client.service('rootFolder'), wanted, pageSize, work.options)) {
    const found = page.find(({ properties }) => markOf(properties['config.extraConfig']) === key)
    if (found) return findMachine(work, found.ref.id)
  }
  return undefined
}
