import {
  type InputProblem,
  type IpAddress,
  type PlannedNetwork,
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
  if (installer === 'autoinstall' && values[0]?.static?.version === 6) {
    const hint = "Ubuntu's installer fetches its image over IPv4 only: put an IPv4 network first"
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
  return {
    mac: readMac(network.mac, `${field}.mac`, problems),
    static: network.static && readStatic(network.static, `${field}.static`, defaultRoute, problems),
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
