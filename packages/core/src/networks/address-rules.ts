import { type Cidr, type IpAddress, cidrContains, formatIp, invalidInput, parseCidr, parseIp } from '@virtkit/spi'

/** Where a network hands out from, and what it never hands out. */
export interface AddressPool {
  readonly network: Cidr
  /** The lowest and highest address to hand out; `first > last` when there is none. */
  readonly first: bigint
  readonly last: bigint
  readonly gateway: bigint | undefined
}

export type ReservedAs = 'network' | 'broadcast' | 'gateway'

/** The part of a network that says which addresses it has; texts as `parseNetworkInput` left them. */
export interface AddressPlan {
  readonly cidr: string
  readonly reservation?: string | undefined
  readonly gateway?: string | undefined
}

/** The pool of a network that was checked before. Throws `INVALID_INPUT` for texts that were not. */
export function poolOf(plan: AddressPlan): AddressPool {
  const network = parseCidr(plan.cidr, 'cidr')
  const range = plan.reservation === undefined ? network : parseRange(plan.reservation, 'reservation')
  const gateway = plan.gateway === undefined ? undefined : parseIp(plan.gateway, 'gateway').value
  return poolWithin(network, range, gateway)
}

/** Trims what is never handed out off the ends of a range, so that a search may begin and end there. */
export function poolWithin(network: Cidr, range: AddressRange, gateway: bigint | undefined): AddressPool {
  let { first, last } = range
  const isFree = (value: bigint): boolean => reservedAs({ network, gateway }, value) === undefined
  while (first <= last && !isFree(first)) first += 1n
  while (first <= last && !isFree(last)) last -= 1n
  return { network, first, last, gateway }
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

/** True when the pool would hand it out by itself. */
export function isInPool(pool: AddressPool, ip: IpAddress): boolean {
  return isAllowed(pool, ip) && ip.value >= pool.first && ip.value <= pool.last
}

/** True when it may be had by asking for it: anywhere in the network but what is reserved. */
export function isAllowed(pool: AddressPool, ip: IpAddress): boolean {
  return cidrContains(pool.network, ip) && reservedAs(pool, ip.value) === undefined
}

/**
 * Where the lowest free address can be besides right after a used one: at the start of the range, and after the gateway,
 * which has no row.
 */
export function gapStarts(pool: AddressPool): readonly bigint[] {
  const { first, last, gateway } = pool
  const afterGateway = gateway === undefined ? first : gateway + 1n
  return [first, afterGateway].filter(
    (value, index, all) => value >= first && value <= last && all.indexOf(value) === index,
  )
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
