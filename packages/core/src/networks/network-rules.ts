import {
  type Cidr,
  type InputProblem,
  type IpAddress,
  cidrContains,
  formatIp,
  invalidInput,
  isVirtkitError,
  parseCidr,
  parseIp,
} from '@virtkit/spi'
import { z } from 'zod'
import { keyField, nameField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import { type AddressRange, parseExclusion, parseRange, poolWithin, reservedAs } from './address-rules.ts'
import type { Network } from './networks.ts'
import { neverOurs } from './special-addresses.ts'

/** A network that was checked: addresses in canonical form, defaults filled in. */
export type NetworkValues = Omit<Network, 'key'>

const text = z.string().max(260)
const schema = z.strictObject({
  name: nameField,
  cluster: keyField,
  dhcp: z.boolean().optional(),
  cidr: text.optional(),
  reservation: text.optional(),
  excluded: z.array(text).max(256).optional(),
  quarantineMs: z
    .int()
    .min(0)
    .max(30 * 24 * 3_600_000)
    .optional(),
  gateway: text.optional(),
  dns: z.array(text).max(8).optional(),
  zoneDomain: text.optional(),
  isolated: z.boolean().optional(),
})

/** Checks what a caller says of a network. Throws `INVALID_INPUT` with every problem. */
export function parseNetworkInput(input: unknown): NetworkValues {
  const problems: InputProblem[] = []
  const shape = collect(problems, () => parseWith(schema, input, { root: 'network' }))
  const given: Readonly<Record<string, unknown>> = typeof input === 'object' && input !== null ? { ...input } : {}
  const read = <T>(value: unknown, field: string, parse: (text: string, field: string) => T): T | undefined =>
    typeof value === 'string' ? collect(problems, () => parse(value, field)) : undefined

  const dhcp = given.dhcp === true
  const cidr = read(given.cidr, 'cidr', parseCidr)
  const range = read(given.reservation, 'reservation', parseRange)
  const gateway = read(given.gateway, 'gateway', parseIp)
  const parts: readonly unknown[] = Array.isArray(given.excluded) ? given.excluded : []
  const excluded = parts.map((each, index) => read(each, `excluded[${index}]`, parseExclusion))
  const servers: readonly unknown[] = Array.isArray(given.dns) ? given.dns : []
  const dns = servers.map((each, index) => read(each, `dns[${index}]`, parseServer))
  const zoneDomain = read(given.zoneDomain, 'zoneDomain', parseDomain)

  if (!dhcp && given.cidr === undefined) {
    const hint = "write it like '10.20.0.0/24', or set dhcp"
    problems.push({ field: 'cidr', problem: 'is needed without DHCP', hint })
  }
  if (dhcp && given.reservation !== undefined) {
    const hint = 'leave reservation out, or leave dhcp out'
    problems.push({ field: 'reservation', problem: 'a DHCP network hands out no addresses', hint })
  }
  if (dhcp && parts.length > 0) {
    problems.push({ field: 'excluded', problem: 'a DHCP network hands out no addresses', hint: 'leave excluded out' })
  }
  if (cidr) {
    const exclusions = excluded.flatMap((each) => each ?? [])
    problems.push(...problemsOfCidr(cidr), ...problemsOfGateway(cidr, gateway))
    problems.push(...problemsOfExclusions(cidr, excluded), ...problemsOfRange(cidr, range, gateway, exclusions))
  }
  if (problems.length > 0 || !shape) throw invalidInput(problems)

  return {
    name: shape.name,
    cluster: shape.cluster,
    dhcp,
    ...(cidr && { cidr: show(cidr) }),
    ...(range && { reservation: show(range) }),
    excluded: excluded.flatMap((each) => (each ? [show(each)] : [])),
    quarantineMs: shape.quarantineMs ?? 0,
    ...(gateway && { gateway: formatIp(gateway) }),
    dns: dns.flatMap((server) => (server ? [formatIp(server)] : [])),
    ...(zoneDomain !== undefined && { zoneDomain }),
    isolated: shape.isolated ?? false,
  }
}

function problemsOfCidr(cidr: Cidr): InputProblem[] {
  const special = neverOurs(cidr)
  return special ? [{ field: 'cidr', problem: `holds ${special} addresses, which no machine can have` }] : []
}

function problemsOfGateway(cidr: Cidr, gateway: IpAddress | undefined): InputProblem[] {
  if (!gateway) return []
  const field = 'gateway'
  const shown = formatIp(gateway)
  // Routers of IPv6 networks announce themselves with their link-local address (RFC 4861, 4.2).
  if (cidr.version === 6 && gateway.version === 6 && gateway.value >> 118n === 0xfe80n >> 6n) return []
  if (!cidrContains(cidr, gateway)) return [{ field, problem: `${shown} is not in ${show(cidr)}` }]
  const reserved = reservedAs({ network: cidr, gateway: undefined }, gateway.value)
  return reserved ? [{ field, problem: `${shown} is the ${reserved} address of ${show(cidr)}` }] : []
}

function problemsOfExclusions(cidr: Cidr, excluded: readonly (AddressRange | undefined)[]): InputProblem[] {
  return excluded.flatMap((range, index) => {
    const field = `excluded[${index}]`
    if (!range) return []
    if (range.first > range.last) return [{ field, problem: 'ends before it begins' }]
    const isInside = range.version === cidr.version && range.first >= cidr.first && range.last <= cidr.last
    return isInside ? [] : [{ field, problem: `${show(range)} is not inside of ${show(cidr)}` }]
  })
}

function problemsOfRange(
  cidr: Cidr,
  range: AddressRange | undefined,
  gateway: IpAddress | undefined,
  excluded: readonly AddressRange[],
): InputProblem[] {
  const field = range ? 'reservation' : 'cidr'
  const { version, first, last } = range ?? cidr
  if (version !== cidr.version) return [{ field, problem: `is IPv${version}, but the network is IPv${cidr.version}` }]
  if (first > last) return [{ field, problem: 'ends before it begins', hint: "write it like '10.20.0.10-10.20.0.99'" }]
  if (first < cidr.first || last > cidr.last) return [{ field, problem: `is not inside of ${show(cidr)}` }]
  const pool = poolWithin(cidr, { version, first, last }, gateway?.value, excluded)
  if (pool.first <= pool.last) return []
  const problem = 'leaves no address to hand out, less network, broadcast, gateway and excluded addresses'
  return [{ field, problem }]
}

function parseServer(given: string, field: string): IpAddress {
  const ip = parseIp(given, field)
  const special = neverOurs({ version: ip.version, first: ip.value, last: ip.value })
  if (special) throw invalidInput([{ field, problem: `${formatIp(ip)} is a ${special} address` }])
  return ip
}

/** Names as hosts may have them (RFC 1123, 2.1), in lower case. */
function parseDomain(given: string, field: string): string {
  const domain = given.toLowerCase()
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
  if (domain.length <= 253 && domain.split('.').every((part) => label.test(part))) return domain
  throw invalidInput([
    {
      field,
      problem: `${JSON.stringify(given)} is not a domain name`,
      hint: "write it like 'lab.example.org', without a dot at the end",
    },
  ])
}

function show(range: Cidr | AddressRange): string {
  const { version, first, last } = range
  return 'prefix' in range
    ? `${formatIp({ version, value: first })}/${range.prefix}`
    : `${formatIp({ version, value: first })}-${formatIp({ version, value: last })}`
}

/** Keeps the problems of what cannot be read and goes on, so that all of them are told at once. */
function collect<T>(problems: InputProblem[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    problems.push(...error.details.problems)
    return undefined
  }
}
