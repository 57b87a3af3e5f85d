import { RequestError } from './error-answer.ts'

// The wire counts nanoseconds, core milliseconds. Both directions, for durations and for points in time.

/** Nanoseconds of each unit that a duration may be written in. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
}

const part = /(\d{1,18})(?:\.(\d{1,9}))?(ns|us|µs|ms|s|m|h|d)/gu
const whole = /^(?:\d{1,18}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h|d))+$/u

/** What a signed count of 64 bits holds, as the original's. */
const most = 2n ** 63n - 1n

/**
 * A duration in milliseconds, rounded, from nanoseconds as a number or decimal text, or from what people write: `40m`, `1h30m`,
 * `1.5h`, `500ms`. Throws 400 naming the field.
 *
 * @example
 * ```ts
 * durationToMs('40m', 'installtimeout')             // 2_400_000
 * durationToMs('2400000000000', 'installtimeout')   // 2_400_000
 * ```
 */
export function durationToMs(given: number | string, field: string): number {
  return toMs(nanosecondsOf(given) ?? spelled(given), field, 'write nanoseconds, or 40m, 1h30m, 90s')
}

/**
 * A point in time in milliseconds since the epoch, rounded, from unix nanoseconds as a number or decimal text, or RFC 3339 with
 * its offset. Throws 400 naming the field.
 *
 * @example
 * ```ts
 * timestampToMs('2026-11-26T12:00:00Z', 'starttime')   // 1_795_694_400_000
 * ```
 */
export function timestampToMs(given: number | string, field: string): number {
  return toMs(nanosecondsOf(given) ?? instant(given), field, 'write unix nanoseconds, or 2026-11-26T12:00:00Z')
}

/**
 * Milliseconds as the nanoseconds of the wire, for durations and for points in time. Promises: JSON prints it exactly, although
 * beyond the safe integers: the product is the nearest number to it, and the digits that are printed are the fewest that name it.
 */
export function toNanoseconds(ms: number): number {
  return ms * 1e6
}

function nanosecondsOf(given: number | string): bigint | undefined {
  if (typeof given === 'number') return Number.isInteger(given) && given >= 0 ? BigInt(given) : undefined
  return /^\s*\d{1,20}\s*$/.test(given) ? BigInt(given.trim()) : undefined
}

function spelled(given: number | string): bigint | undefined {
  if (typeof given === 'number') return undefined
  const text = given.trim().replaceAll('μ', 'µ')
  if (!whole.test(text)) return undefined
  let sum = 0n
  for (const [, digits = '0', fraction = '', unit = 'ns'] of text.matchAll(part)) {
    const size = units[unit]!
    sum += BigInt(digits) * size + (BigInt(fraction.padEnd(9, '0')) * size) / 1_000_000_000n
  }
  return sum
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/

function instant(given: number | string): bigint | undefined {
  const [, date, time, fraction = '', offset = ''] = (typeof given === 'string' && rfc3339.exec(given.trim())) || []
  if (date === undefined) return undefined
  const ms = Date.parse(`${date}T${time}${offset.toUpperCase()}`)
  // `Date` lets the 31st of a shorter month pass as the first of the next.
  const isThere =
    new Date(`${date}T00:00:00Z`).getTime() >= 0 && new Date(`${date}T00:00:00Z`).toISOString().startsWith(date)
  return Number.isNaN(ms) || ms < 0 || !isThere ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function toMs(nanoseconds: bigint | undefined, field: string, way: string): number {
  if (nanoseconds === undefined || nanoseconds > most) {
    throw new RequestError(400, [`${field}: ${nanoseconds === undefined ? 'cannot be read' : 'is too long'}; ${way}`])
  }
  return Number((nanoseconds + 500_000n) / 1_000_000n)
}
