import { type InputProblem, type OsCatalog, type OsRelease, invalidInput, isVirtkitError } from '@virtkit/spi'
import { z } from 'zod'
import { requireRelease, sizeProblems } from '../catalog/catalog.ts'
import type { Amount } from '../contingents/contingents.ts'
import { parseWith } from '../options/problems.ts'
import type { MachineNetworkInput } from './machine-networks.ts'
import type { FromProfileInput, MachineInput, MachineUpdate } from './machines.ts'

/** A host name label (RFC 1123, 2.1): a machine is known by its name on the network too. */
const name = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i,
    'must be 1 to 63 letters, digits and dashes, not beginning or ending with a dash',
  )
const key = z
  .int()
  .min(1)
  .max(2 ** 31 - 1)
const cpus = z.int().min(1).max(1024)
const memoryMiB = z
  .int()
  .min(1)
  .max(64 * 1024 ** 2)
const diskMiB = z
  .int()
  .min(1)
  .max(1024 ** 3)
const os = z.string().min(1).max(80)
const datastore = z.string().min(1).max(200)
const provisioning = z.enum(['thin', 'thick'])
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const domain = z
  .string()
  .max(253)
  .regex(new RegExp(`^${label}(?:\\.${label})*$`, 'i'), 'must be a domain name')

const card = z.strictObject({
  network: key,
  ip: z.string().max(64).optional(),
  mac: z.string().max(32).optional(),
  domains: z.array(domain).max(16).optional(),
})

const machine = z.strictObject({
  name,
  owner: key,
  cluster: key,
  os,
  cpus,
  memoryMiB,
  diskMiB,
  datastore: datastore.optional(),
  provisioning: provisioning.optional(),
  firmware: z.enum(['bios', 'uefi']).optional(),
  networks: z.array(card).max(16).optional(),
})

const fromProfile = z.strictObject({
  name,
  owner: key,
  cpus: cpus.optional(),
  memoryMiB: memoryMiB.optional(),
  diskMiB: diskMiB.optional(),
  provisioning: provisioning.optional(),
})

const update = z.strictObject({
  name: name.optional(),
  owner: key.optional(),
  cpus: cpus.optional(),
  memoryMiB: memoryMiB.optional(),
  diskMiB: diskMiB.optional(),
  os: os.optional(),
  cluster: key.optional(),
  datastore: datastore.optional(),
})

/** Checks a new machine, its size against what its system needs. Throws `INVALID_INPUT` with every problem. */
export function parseMachineInput(catalog: OsCatalog, input: unknown): MachineInput {
  const parsed = parseMachineShape(input)
  refuseTooSmall(requireRelease(catalog, parsed.os, 'os'), parsed)
  return parsed
}

/** Checks a new machine, but not against what its system needs. */
export function parseMachineShape(input: unknown): MachineInput {
  return parseWith(machine, input) as MachineInput
}

/** What is wrong with a machine's system: there is none of that id, or it needs more. */
export function releaseProblems(catalog: OsCatalog, wanted: MachineInput): readonly InputProblem[] {
  try {
    return sizeProblems(requireRelease(catalog, wanted.os, 'os'), wanted)
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    return error.details.problems
  }
}

export function parseFromProfile(input: unknown): FromProfileInput {
  return parseWith(fromProfile, input) as FromProfileInput
}

export function parseMachineUpdate(input: unknown): MachineUpdate {
  return parseWith(update, input) as MachineUpdate
}

export function parseCard(input: unknown): MachineNetworkInput {
  return parseWith(card, input) as MachineNetworkInput
}

export function refuseTooSmall(release: OsRelease, size: { cpus: number; memoryMiB: number; diskMiB: number }): void {
  const problems = sizeProblems(release, size)
  if (problems.length > 0) throw invalidInput(problems)
}

/** What a machine takes of its group's contingent. */
export function amountOf(size: { cpus: number; memoryMiB: number; diskMiB: number }): Amount {
  return { vm: 1, cpu: size.cpus, memory: size.memoryMiB, disk: size.diskMiB }
}

export function difference(after: Amount, before: Amount): Amount {
  return {
    vm: after.vm - before.vm,
    cpu: after.cpu - before.cpu,
    memory: after.memory - before.memory,
    disk: after.disk - before.disk,
  }
}

/** The part of a change that needs room: growth, nothing else. */
export function growth(change: Amount): Amount {
  const positive = (value: number): number => Math.max(0, value)
  return {
    vm: positive(change.vm),
    cpu: positive(change.cpu),
    memory: positive(change.memory),
    disk: positive(change.disk),
  }
}

/** The mark by which a machine of this installation is known on the hypervisor: at most 80 plain characters. */
export function markOf(installation: string, unique: string): string {
  return `virtkit:${installation.slice(0, 8)}:${unique}`
}
