import { invalidInput } from '../errors/virtkit-error.ts'

/** An address of either version as a number, so that ranges can be compared and counted. */
export interface IpAddress {
  readonly version: 4 | 6
  readonly value: bigint
}

/** A network: its first address and the length of its prefix. */
export interface Cidr {
  readonly version: 4 | 6
  readonly first: bigint
  readonly last: bigint
  readonly prefix: number
}

/** Reads an address; `undefined` when it is none. Leading zeros and zone indices are refused (RFC 6943, 3.1.1). */
export function tryParseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

/** As `tryParseIp`, but throws `INVALID_INPUT` naming `field`. */
export function parseIp(text: string, field: string): IpAddress {
  const ip = tryParseIp(text)
  if (!ip) throw invalidInput([{ field, problem: `${JSON.stringify(text)} is not an IP address` }])
  return ip
}

/**
 * Reads `address/prefix`. The address must be the first of its network: `10.0.0.5/24` is refused and the network that was
 * meant is named. Throws `INVALID_INPUT` naming `field`.
 */
export function parseCidr(text: string, field: string): Cidr {
  const [, address, length] = /^(.+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  const ip = address === undefined ? undefined : tryParseIp(address)
  const bits = ip?.version === 6 ? 128 : 32
  const prefix = Number(length)
  if (!ip || prefix > bits) {
    throw invalidInput([
      { field, problem: `${JSON.stringify(text)} is not a network`, hint: "write it like '10.20.0.0/24'" },
    ])
  }
  const size = 1n << BigInt(bits - prefix)
  const first = ip.value - (ip.value % size)
  if (first !== ip.value) {
    const meant = `${formatIp({ version: ip.version, value: first })}/${prefix}`
    throw invalidInput([{ field, problem: `${text} has host bits set`, hint: `did you mean ${meant}?` }])
  }
  return { version: ip.version, first, last: first + size - 1n, prefix }
}

/** True when the network holds the address. */
export function cidrContains(cidr: Cidr, ip: IpAddress): boolean {
  return cidr.version === ip.version && ip.value >= cidr.first && ip.value <= cidr.last
}

/** The canonical text of an address (RFC 5952 for IPv6). */
export function formatIp(ip: IpAddress): string {
  if (ip.version === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => Number((ip.value >> shift) & 255n)).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, i) => Number((ip.value >> BigInt(112 - 16 * i)) & 0xffffn))
  const gap = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (!gap) return hex.join(':')
  return `${hex.slice(0, gap.start).join(':')}::${hex.slice(gap.start + gap.length).join(':')}`
}

/** The netmask of an IPv4 prefix, as installers want it: `24` is `'255.255.255.0'`. */
export function netmask(prefix: number): string {
  return formatIp({ version: 4, value: (0xffffffffn << BigInt(32 - prefix)) & 0xffffffffn })
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } | undefined {
  let best: { start: number; length: number } | undefined
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0
    while (groups[start + length] === 0) length += 1
    if (length > 1 && length > (best?.length ?? 0)) best = { start, length }
  }
  return best
}

function parseV4(text: string): IpAddress | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!match) return undefined
  let value = 0n
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return { version: 4, value }
}

function parseV6(text: string): IpAddress | undefined {
  const lastColon = text.lastIndexOf(':')
  const tail = text.slice(lastColon + 1)
  let source = text
  if (tail.includes('.')) {
    const v4 = parseV4(tail)
    if (!v4) return undefined
    source = `${text.slice(0, lastColon + 1)}${(v4.value >> 16n).toString(16)}:${(v4.value & 0xffffn).toString(16)}`
  }
  const halves = source.split('::')
  if (halves.length > 2) return undefined
  const head = halves[0] ? halves[0].split(':') : []
  const rest = halves[1] ? halves[1].split(':') : []
  const missing = 8 - head.length - rest.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: halves.length === 2 ? missing : 0 }, () => '0'), ...rest]
  let value = 0n
  for (const group of groups) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined
    value = (value << 16n) | BigInt(`0x${group}`)
  }
  return { version: 6, value }
}
