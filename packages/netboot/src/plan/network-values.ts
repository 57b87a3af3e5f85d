import {
  type InputProblem,
  type IpAddress,
  type PlannedNetwork,
  type PlannedRoute,
  formatIp,
  isVirtkitError,
  netmask,
  parseMac,
  tryParseIp,
} from '@virtkit/spi'
import type { InstallerFamily } from '../catalog/netboot-release.ts'
import { domain } from './grammars.ts'

/** One network card of a plan, checked and in canonical spelling. */
export interface NetworkValues {
  /** Lower case with colons. */
  readonly mac: string
  /** Left out: DHCP. */
  readonly static: StaticAddress | undefined
  /** IPv6 beside the IPv4 of `static` or of DHCP. */
  readonly static6: StaticAddress | undefined
  readonly routes: readonly RouteValues[]
  readonly dns: readonly string[]
  readonly searchDomains: readonly string[]
  readonly isolated: boolean
  /** True of at most one card: the first that is not isolated and has a way out. */
  readonly defaultRoute: boolean
}

export interface StaticAddress {
  readonly version: 4 | 6
  readonly address: string
  readonly prefix: number
  /** Of IPv4 the dotted mask, of IPv6 the length of the prefix: what installers ask for in this place. */
  readonly mask: string
  /** Only where `defaultRoute` is true. */
  readonly gateway: string | undefined
}

export interface RouteValues {
  readonly version: 4 | 6
  /** The network's first address. */
  readonly network: string
  readonly prefix: number
  /** As `StaticAddress` has it. */
  readonly mask: string
  readonly via: string
}

/** Reads the cards in order and adds what is wrong with them to `problems`. */
export function readNetworks(
  networks: readonly PlannedNetwork[],
  installer: InstallerFamily,
  problems: InputProblem[],
): NetworkValues[] {
  if (networks.length === 0) problems.push({ field: 'networks', problem: 'a machine needs one to install from' })
  const wayOut = networks.findIndex(
    (network) => !network.isolated && (!network.static || network.static.gateway !== undefined),
  )
  const values = networks.map((network, index) => readNetwork(network, `networks[${index}]`, index === wayOut, problems))
  const macs = values.map((value) => value.mac)
  macs.forEach((mac, index) => {
    if (macs.indexOf(mac) !== index) problems.push({ field: `networks[${index}].mac`, problem: `${mac} is there twice` })
  })
  const overIpv4 = installer === 'autoinstall' ? "Ubuntu's" : installer === 'alpine' ? "Alpine's" : undefined
  if (overIpv4 !== undefined && values[0]?.static?.version === 6) {
    const hint = `${overIpv4} installer fetches its image over IPv4 only: put an IPv4 network first`
    problems.push({ field: 'networks[0].static.address', problem: 'cannot be IPv6', hint })
  }
  return values
}

function readNetwork(
  network: PlannedNetwork,
  field: string,
  defaultRoute: boolean,
  problems: InputProblem[],
): NetworkValues {
  const dns = network.dns.map((text, index) => readIp(text, `${field}.dns[${index}]`, problems)?.text ?? '')
  network.searchDomains.forEach((text, index) => {
    if (text.length <= domain.maxLength && domain.pattern.test(text)) return
    problems.push({ field: `${field}.searchDomains[${index}]`, problem: `must be ${domain.rule}`, hint: domain.hint })
  })
  const own = network.static && readStatic(network.static, `${field}.static`, defaultRoute, problems)
  const own6 = network.static6 && readStatic(network.static6, `${field}.static6`, defaultRoute, problems)
  if (own6 && own6.version !== 6) problems.push({ field: `${field}.static6.address`, problem: 'must be IPv6' })
  if (own6 && own?.version === 6)
    problems.push({ field: `${field}.static6`, problem: 'stands beside an IPv4 address only' })
  return {
    mac: readMac(network.mac, `${field}.mac`, problems),
    static: own,
    static6: own6,
    routes: (network.routes ?? []).flatMap((route, index) => readRoute(route, `${field}.routes[${index}]`, problems)),
    dns,
    searchDomains: [...network.searchDomains],
    isolated: network.isolated,
    defaultRoute,
  }
}

function readStatic(
  given: NonNullable<PlannedNetwork['static']>,
  field: string,
  defaultRoute: boolean,
  problems: InputProblem[],
): StaticAddress | undefined {
  const own = readIp(given.address, `${field}.address`, problems)
  const gateway = given.gateway === undefined ? undefined : readIp(given.gateway, `${field}.gateway`, problems)
  const { prefix } = given
  const bits = own?.ip.version === 6 ? 128 : 32
  if (!Number.isInteger(prefix) || prefix < 1 || prefix > bits) {
    problems.push({ field: `${field}.prefix`, problem: `must be a whole number from 1 to ${bits}` })
    return undefined
  }
  if (!own) return undefined
  if (gateway && !reaches(own.ip, prefix, gateway.ip)) {
    problems.push({ field: `${field}.gateway`, problem: `${gateway.text} is not in the network of ${own.text}/${prefix}` })
  }
  return {
    version: own.ip.version,
    address: own.text,
    prefix,
    mask: own.ip.version === 4 ? netmask(prefix) : String(prefix),
    gateway: defaultRoute ? gateway?.text : undefined,
  }
}

function readRoute({ to, via }: PlannedRoute, field: string, problems: InputProblem[]): RouteValues[] {
  const [address, bits, ...more] = typeof to === 'string' ? to.split('/') : []
  const network = readIp(address, `${field}.to`, problems)
  const neighbour = readIp(via, `${field}.via`, problems)
  if (!network || !neighbour) return []
  const { version, value } = network.ip
  const longest = version === 4 ? 32 : 128
  const prefix = /^\d{1,3}$/.test(bits ?? '') ? Number(bits) : Number.NaN
  const host = prefix <= longest ? (1n << BigInt(longest - prefix)) - 1n : 0n
  if (!(prefix >= 1 && prefix <= longest) || more.length > 0 || (value & host) !== 0n) {
    problems.push({ field: `${field}.to`, problem: `${to} is not a network`, hint: "write it like '10.0.0.0/8'" })
    return []
  }
  if (neighbour.ip.version !== version) {
    problems.push({ field: `${field}.via`, problem: `${neighbour.text} is of another IP version than ${to}` })
    return []
  }
  const mask = version === 4 ? netmask(prefix) : String(prefix)
  return [{ version, network: network.text, prefix, mask, via: neighbour.text }]
}

function readIp(text: unknown, field: string, problems: InputProblem[]): { ip: IpAddress; text: string } | undefined {
  const ip = typeof text === 'string' ? tryParseIp(text) : undefined
  if (ip) return { ip, text: formatIp(ip) }
  problems.push({ field, problem: `${JSON.stringify(text)?.slice(0, 80)} is not an IP address` })
  return undefined
}

function readMac(text: string, field: string, problems: InputProblem[]): string {
  try {
    return parseMac(text, field)
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    problems.push(...error.details.problems)
    return text
  }
}

function reaches(own: IpAddress, prefix: number, gateway: IpAddress): boolean {
  if (own.version !== gateway.version) return false
  const hostBits = BigInt((own.version === 4 ? 32 : 128) - prefix)
  const linkLocal = gateway.version === 6 && gateway.value >> 118n === 0xfe80n >> 6n
  return linkLocal || own.value >> hostBits === gateway.value >> hostBits
}
