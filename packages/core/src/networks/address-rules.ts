import { type Cidr, type IpAddress, cidrContains, formatIp, invalidInput, parseCidr, parseIp } from '@virtkit/spi'

/** Where a network hands out from, and what it never hands out. */
export interface AddressPool {
  readonly network: Cidr
  /** The lowest and highest address to hand out; `first > last` when there is none. */
  readonly first: bigint
  readonly last: bigint
  readonly gateway: bigint | undefined
  /** Parts of the range that are not handed out, in order. */
  readonly excluded: readonly AddressRange[]
}

export type ReservedAs = 'network' | 'broadcast' | 'gateway'

/** The part of a network that says which addresses it has; texts as `parseNetworkInput` left them. */
export interface AddressPlan {
  readonly cidr: string
  readonly reservation?: string | undefined
  readonly gateway?: string | undefined
  readonly excluded?: readonly string[] | undefined
}

/** The pool of a network that was checked before. Throws `INVALID_INPUT` for texts that were not. */
export function poolOf(plan: AddressPlan): AddressPool {
  const network = parseCidr(plan.cidr, 'cidr')
  const range = plan.reservation === undefined ? network : parseRange(plan.reservation, 'reservation')
  const gateway = plan.gateway === undefined ? undefined : parseIp(plan.gateway, 'gateway').value
  const excluded = (plan.excluded ?? []).map((each, index) => parseExclusion(each, `excluded[${index}]`))
  return poolWithin(network, range, gateway, excluded)
}

/** Trims what is never handed out off the ends of a range, so that a search may begin and end there. */
export function poolWithin(
  network: Cidr,
  range: AddressRange,
  gateway: bigint | undefined,
  excluded: readonly AddressRange[] = [],
): AddressPool {
  const inOrder = excluded.toSorted((a, b) => (a.first < b.first ? -1 : 1))
  const { first, last } = range
  const pool = { network, first, last, gateway, excluded: inOrder }
  return { ...pool, first: nextFrom(pool, first), last: lastUpTo(pool, last) }
}

type Bounds = Pick<AddressPool, 'network' | 'gateway' | 'excluded'>

/** The lowest address from `value` on that may be handed out, wherever the range ends. */
function nextFrom(pool: Bounds, value: bigint): bigint {
  let at = value
  for (let step = true; step;) {
    const skipped = skippedAt(pool, at)
    step = skipped !== undefined
    if (skipped) at = skipped.last + 1n
  }
  return at
}

function lastUpTo(pool: Bounds, value: bigint): bigint {
  let at = value
  for (let step = true; step;) {
    const skipped = skippedAt(pool, at)
    step = skipped !== undefined
    if (skipped) at = skipped.first - 1n
  }
  return at
}

/** The stretch around an address that is not handed out; `undefined` for one that is. */
function skippedAt(pool: Bounds, value: bigint): { first: bigint; last: bigint } | undefined {
  if (reservedAs(pool, value) !== undefined) return { first: value, last: value }
  return pool.excluded.find(({ first, last }) => value >= first && value <= last)
}

/** The next addresses to hand out from `from` on, at most `count`, and where to go on; no `next`: the range is through. */
export function addressesFrom(
  pool: AddressPool,
  from: bigint,
  count: number,
): { readonly addresses: readonly bigint[]; readonly next: bigint | undefined } {
  const addresses: bigint[] = []
  let at = nextFrom(pool, from < pool.first ? pool.first : from)
  while (at <= pool.last && addresses.length < count) {
    addresses.push(at)
    at = nextFrom(pool, at + 1n)
  }
  return { addresses, next: at <= pool.last ? at : undefined }
}

/**
 * What an address of the network is set aside for. IPv4 networks lose their first and last address, but for /31 (RFC 3021)
 * and /32; IPv6 networks lose their first, the subnet-router anycast address (RFC 4291, 2.6.1), but for /127 (RFC 6164) and
 * /128.
 */
export function reservedAs(pool: Pick<AddressPool, 'network' | 'gateway'>, value: bigint): ReservedAs | undefined {
  const { network, gateway } = pool
  const isTiny = network.last - network.first < 2n
  if (value === network.first && !isTiny) return 'network'
  if (value === network.last && !isTiny && network.version === 4) return 'broadcast'
  return value === gateway ? 'gateway' : undefined
}

/** Addresses from `first` to `last`, both of them included. */
export interface AddressRange {
  readonly version: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

/** Reads `10.0.0.0/28` or `10.0.0.10-10.0.0.20`. Throws `INVALID_INPUT` naming `field`. */
export function parseRange(text: string, field: string): AddressRange {
  const dash = text.indexOf('-')
  if (dash < 0) return parseCidr(text, field)
  const first = parseIp(text.slice(0, dash).trim(), field)
  const last = parseIp(text.slice(dash + 1).trim(), field)
  if (first.version !== last.version) throw invalidInput([{ field, problem: 'goes from one IP version to the other' }])
  return { version: first.version, first: first.value, last: last.value }
}

/** A range as above, or one address. */
export function parseExclusion(text: string, field: string): AddressRange {
  return /[-/]/.test(text) ? parseRange(text, field) : parseRange(`${text}-${text}`, field)
}

/** True when the pool would hand it out by itself. */
export function isInPool(pool: AddressPool, ip: IpAddress): boolean {
  const { value } = ip
  return isAllowed(pool, ip) && value >= pool.first && value <= pool.last && skippedAt(pool, value) === undefined
}

/** True when it may be had by asking for it: anywhere in the network but what is reserved. */
export function isAllowed(pool: AddressPool, ip: IpAddress): boolean {
  return cidrContains(pool.network, ip) && reservedAs(pool, ip.value) === undefined
}

/** Hexadecimal digits of full width: 8 for IPv4, 32 for IPv6. Their text order is the order of the addresses. */
export function toAddressKey(ip: IpAddress): string {
  return ip.value.toString(16).padStart(ip.version === 4 ? 8 : 32, '0')
}

export function fromAddressKey(key: string): IpAddress {
  return { version: key.length === 8 ? 4 : 6, value: BigInt(`0x${key}`) }
}

/** The canonical text of what an address key stands for. */
export function formatAddressKey(key: string): string {
  return formatIp(fromAddressKey(key))
}
