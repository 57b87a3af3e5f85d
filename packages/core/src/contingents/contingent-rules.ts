import { type BlockingDimension, MiB, VirtkitError, formatSize } from '@virtkit/spi'
import { z } from 'zod'
import { parseWith } from '../options/problems.ts'
import type { Amount, ContingentLimits } from './contingents.ts'

export type Dimension = keyof Amount

export const dimensions: readonly Dimension[] = ['vm', 'cpu', 'memory', 'disk']

/** What decides whether a group may grow. */
export interface ContingentState {
  readonly limits: Amount
  readonly used: Amount
  readonly reserved: Amount
}

export const nothing: Amount = { vm: 0, cpu: 0, memory: 0, disk: 0 }

export function add(a: Amount, b: Amount): Amount {
  return { vm: a.vm + b.vm, cpu: a.cpu + b.cpu, memory: a.memory + b.memory, disk: a.disk + b.disk }
}

export function negate(a: Amount): Amount {
  return subtract(nothing, a)
}

export function subtract(a: Amount, b: Amount): Amount {
  return { vm: a.vm - b.vm, cpu: a.cpu - b.cpu, memory: a.memory - b.memory, disk: a.disk - b.disk }
}

/** The dimensions that grow. Only they can block: a group that is over its limit may shrink, or change something else. */
export function growing(asked: Amount): readonly Dimension[] {
  return dimensions.filter((dimension) => asked[dimension] > 0)
}

/** Every dimension that does not have room for what is asked. Memory and disk are MiB. */
export function blockingDimensions(state: ContingentState, asked: Amount): readonly BlockingDimension[] {
  return growing(asked)
    .map((dimension) => ({
      dimension,
      limit: state.limits[dimension],
      used: state.used[dimension],
      reserved: state.reserved[dimension],
      asked: asked[dimension],
    }))
    .filter(({ limit, used, reserved, asked: more }) => used + reserved + more > limit)
}

/** The dimensions that would go below zero: someone gives back what was never charged. */
export function overdrawn(recorded: Amount, asked: Amount): readonly Dimension[] {
  return dimensions.filter((dimension) => recorded[dimension] + asked[dimension] < 0)
}

/** What still fits of each dimension. */
export function freeOf({ limits, used, reserved }: ContingentState): Amount {
  const free = subtract(limits, add(used, reserved))
  return { vm: max0(free.vm), cpu: max0(free.cpu), memory: max0(free.memory), disk: max0(free.disk) }
}

const max0 = (value: number): number => Math.max(0, value)

const count = z.int().min(0)
const limits = z.strictObject({ vm: count, cpu: count, memory: count, disk: count })
const change = z.strictObject({ vm: z.int(), cpu: z.int(), memory: z.int(), disk: z.int() })

/** Whole numbers from zero up, of every dimension. Throws `INVALID_INPUT` with every problem. */
export function parseLimits(input: unknown): ContingentLimits {
  return parseWith(limits, input, { root: 'limits', hint: 'Give vm, cpu, memory and disk; the last two in MiB.' })
}

/** As `parseLimits`, but amounts may be negative: they give back. */
export function parseAmount(input: unknown): Amount {
  return parseWith(change, input, { root: 'amount', hint: 'Give vm, cpu, memory and disk; the last two in MiB.' })
}

export function contingentExceeded(group: number, blocking: readonly BlockingDimension[]): VirtkitError {
  const text = blocking.map(describe).join('; ')
  return new VirtkitError('CONTINGENT_EXCEEDED', `The contingent of group ${group} has no room: ${text}.`, {
    details: { group, blocking },
    hint: 'Ask for less, give back what the group no longer needs, or raise its limits.',
  })
}

function describe({ dimension, limit, used, reserved, asked }: BlockingDimension): string {
  const show = (value: number): string => (isSize(dimension) ? formatSize(value * MiB) : String(value))
  return `${dimension}: ${show(asked)} asked, ${show(used)} used and ${show(reserved)} reserved of ${show(limit)}`
}

function isSize(dimension: Dimension): boolean {
  return dimension === 'memory' || dimension === 'disk'
}
