import { type SnapshotInfo, type SnapshotRequest, type SnapshotTree, VirtkitError } from '@virtkit/spi'
import { z } from 'zod'
import { keysField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import type { Snapshot } from './snapshots.ts'

// Half a character (a lone surrogate) would come back from the hypervisor as another one.
const name = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line of characters that exist')
const description = z
  .string()
  .max(400)
  .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u, 'must not have control characters')

const snapshot = z.strictObject({
  name,
  description: description.optional(),
  memory: z.boolean().optional(),
  quiesce: z.boolean().optional(),
})

const change = z
  .strictObject({ name: name.optional(), description: description.optional() })
  .refine((given) => given.name !== undefined || given.description !== undefined, 'name or description must be given')

const removal = z.strictObject({ children: z.boolean().optional() })

const keys = z.strictObject({ keys: keysField.refine((given) => given.length > 0, 'must not be empty') })

export interface SnapshotChange {
  readonly name?: string
  readonly description?: string
}

/** Throws `INVALID_INPUT` with every problem. */
export function parseSnapshotInput(input: unknown): SnapshotRequest {
  const given = parseWith(snapshot, input)
  return {
    name: given.name,
    description: given.description ?? '',
    memory: given.memory ?? false,
    quiesce: given.quiesce ?? false,
  }
}

export function parseSnapshotChange(input: unknown): SnapshotChange {
  const given = parseWith(change, input)
  return {
    ...(given.name === undefined ? {} : { name: given.name }),
    ...(given.description === undefined ? {} : { description: given.description }),
  }
}

export function parseRemoval(input: unknown): { readonly children: boolean } {
  return { children: parseWith(removal, input).children ?? false }
}

export function parseSnapshotKeys(input: unknown): readonly number[] {
  return parseWith(keys, { keys: input }).keys
}

/** The hypervisor's tree in our words, in its order; `numbers` has one for each id. */
export function toSnapshots(tree: SnapshotTree, numbers: ReadonlyMap<string, number>): readonly Snapshot[] {
  const paths = new Map<string, string>()
  return tree.snapshots.flatMap((info) => {
    // Parents come before children.
    const above = info.parent === undefined ? '' : (paths.get(info.parent) ?? '')
    const path = `${above}/${info.name.replaceAll('%', '%25').replaceAll('/', '%2f')}`
    paths.set(info.id, path)
    const key = numbers.get(info.id)
    if (key === undefined) return []
    const parent = info.parent === undefined ? undefined : numbers.get(info.parent)
    return {
      key,
      id: info.id,
      name: info.name,
      description: info.description,
      path,
      createdAt: info.createdAt,
      memory: info.memory,
      current: info.id === tree.current,
      ...(parent === undefined ? {} : { parent }),
    }
  })
}

/**
 * What a request whose answer was lost has made: the snapshots with its name and description that were not there before. Operations
 * on a machine exclude each other, so it is one at most, unless somebody works on the hypervisor itself at the same moment.
 */
export function takenSince(
  tree: SnapshotTree,
  before: readonly string[],
  request: { readonly name: string; readonly description: string },
): readonly SnapshotInfo[] {
  return tree.snapshots.filter(
    (info) => info.name === request.name && info.description === request.description && !before.includes(info.id),
  )
}

/** A snapshot and all that descend from it. */
export function branchOf(tree: SnapshotTree, id: string): readonly string[] {
  const branch = new Set([id])
  // Parents come before children, so one pass finds them all.
  for (const info of tree.snapshots) if (info.parent !== undefined && branch.has(info.parent)) branch.add(info.id)
  return [...branch]
}

/** What a machine has or should have; of the disks, the first. */
export interface Size {
  readonly cpus: number
  readonly memoryMiB: number
  readonly diskMiB: number
}

export function isSameSize(a: Size, b: Size): boolean {
  return a.cpus === b.cpus && a.memoryMiB === b.memoryMiB && a.diskMiB === b.diskMiB
}

export function unsupported(feature: string, what: string): VirtkitError<'UNSUPPORTED'> {
  return new VirtkitError('UNSUPPORTED', `The machine's hypervisor cannot ${what}.`, { details: { feature } })
}
