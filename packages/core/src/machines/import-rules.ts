import { type MachineInfo, VirtkitError, cidrContains, isVirtkitError, parseCidr, parseIp } from '@virtkit/spi'
import { z } from 'zod'
import { conflict } from '../access/clash.ts'
import { keyField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import type { ImportInput, ImportableMachine } from './machine-imports.ts'

/** The system of a machine that somebody else installed: nobody told us, and nothing is asked of its size. */
export const unknownSystem = 'other'

const schema = z.strictObject({
  names: z.union(
    [z.literal('all'), z.array(z.string().min(1).max(260)).min(1).max(10_000)],
    "must be a list of names, or 'all'",
  ),
  owner: keyField,
})

export function parseImport(input: unknown): ImportInput {
  const { names, owner } = parseWith(schema, input)
  return { names: names === 'all' ? names : [...new Set(names)], owner }
}

/** What a machine has of disks is all of them together: that is what is charged. */
export function diskMiBOf(info: Pick<MachineInfo, 'disks'>): number {
  return info.disks.reduce((sum, disk) => sum + disk.sizeMiB, 0)
}

/** The first disk's size for which all of them together are `wantedMiB`; it is the one that grows. */
export function firstDiskMiB(info: Pick<MachineInfo, 'disks'>, wantedMiB: number): number {
  return wantedMiB - diskMiBOf({ disks: info.disks.slice(1) })
}

/** A machine of nobody's, as far as its mark tells. */
export function isImportable(info: MachineInfo): boolean {
  return info.key === undefined && !info.isTemplate
}

export function toImportable(info: MachineInfo): ImportableMachine {
  const { name, ref, power, cpus, memoryMiB, host, datacenter, guestOs, disks, nics } = info
  return {
    name,
    ref,
    power,
    cpus,
    memoryMiB,
    diskMiB: diskMiBOf(info),
    ...(disks[0] && { datastore: disks[0].datastore }),
    ...(host !== undefined && { host }),
    ...(datacenter !== undefined && { datacenter }),
    ...(guestOs !== undefined && { guestOs }),
    networks: nics.map((nic) => nic.network),
  }
}

/** What is wrong with these machines of one name, from what the hypervisor says alone; `ours` is how our marks begin. */
export function refusalOf(name: string, found: readonly MachineInfo[], ours: string): VirtkitError | undefined {
  const [info, another] = found
  if (!info) {
    return new VirtkitError('NOT_FOUND', `The cluster has no machine named ${name}.`, {
      details: { what: 'machine', id: name },
    })
  }
  if (another) return conflict(`The cluster has ${found.length} machines named ${name}.`, { field: 'names', with: name })
  if (info.isTemplate) return conflict(`${name} is a template.`, { field: 'names', with: name })
  if (info.key !== undefined && !info.key.startsWith(ours)) {
    return new VirtkitError('NOT_OURS', `${name} carries the mark of another installation.`, {
      details: { ref: info.ref },
      hint: 'Let that installation give it away first.',
    })
  }
  return undefined
}

export interface KnownNetwork {
  readonly cidr: string | null
  readonly gateway: string | null
}

/**
 * Which of the addresses that a guest reports belongs to which of its cards: the first that lies in the card's network and is
 * no other card's. A gateway's address is in no book, so a machine that is the gateway has none of it.
 */
export function addressesOfCards(
  cards: readonly (KnownNetwork | undefined)[],
  reported: readonly string[],
): readonly (string | undefined)[] {
  const left = new Set(reported)
  return cards.map((network) => {
    if (!network || network.cidr === null) return undefined
    const cidr = parseCidr(network.cidr, 'cidr')
    const found = [...left].find((text) => {
      const ip = readable(text)
      return ip !== undefined && cidrContains(cidr, ip) && text !== network.gateway
    })
    if (found !== undefined) left.delete(found)
    return found
  })
}

function readable(text: string): ReturnType<typeof parseIp> | undefined {
  try {
    return parseIp(text, 'address')
  } catch (error) {
    if (isVirtkitError(error, 'INVALID_INPUT')) return undefined
    throw error
  }
}
