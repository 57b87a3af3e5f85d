import { invalidInput } from '../errors/virtkit-error.ts'

/** The addresses from which a kind of hypervisor hands out: inclusive, lower case, colons. */
export interface MacRange {
  readonly from: string
  readonly to: string
}

/** Locally administered addresses, for hypervisors that have no prefix of their own (IEEE 802-2014, 8.2.2). */
export const localMacRange: MacRange = { from: '02:76:6b:00:00:00', to: '02:76:6b:ff:ff:ff' }

/**
 * Reads a MAC address in any usual notation and writes it in lower case with colons.
 * Throws `INVALID_INPUT` naming `field` for anything else, and for a group (multicast) or all-zero address.
 *
 * @example
 * ```ts
 * parseMac('00-50-56-AA-00-01', 'mac')    // '00:50:56:aa:00:01'
 * ```
 */
export function parseMac(text: string, field: string): string {
  const plain = /^[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(text)
    ? text
    : /^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(text)
      ? text
      : ''
  const digits = plain.replace(/[^0-9a-f]/gi, '').toLowerCase()
  const problem =
    digits === ''
      ? `${JSON.stringify(text)} is not a MAC address`
      : digits === '000000000000'
        ? 'the all-zero address cannot be used'
        : Number.parseInt(digits.slice(0, 2), 16) & 1
          ? `${text} is a group address; a network card needs an individual one`
          : undefined
  if (problem) throw invalidInput([{ field, problem, hint: "write it like '52:54:00:12:34:56'" }])
  return digits.match(/../g)!.join(':')
}

/** The address at `fraction` (0 up to, not including, 1) of the range: hand in a random number. */
export function macInRange(range: MacRange, fraction: number): string {
  const from = macToNumber(range.from)
  const to = macToNumber(range.to)
  return numberToMac(from + Math.floor(fraction * (to - from + 1)))
}

function macToNumber(mac: string): number {
  return Number.parseInt(mac.replaceAll(':', ''), 16)
}

function numberToMac(value: number): string {
  return value.toString(16).padStart(12, '0').match(/../g)!.join(':')
}
