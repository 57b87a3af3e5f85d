import { isIP, isIPv4 } from 'node:net'
import { netModels } from '../world/drives.ts'

/** Says what is wrong with a value, in the original's words; undefined when nothing is. */
type Check = (value: string) => string | undefined

const matching =
  (pattern: RegExp, problem: (value: string) => string): Check =>
  (value) =>
    pattern.test(value) ? undefined : problem(value)

const listOf =
  (check: Check): Check =>
  (value) =>
    value
      .split(/[,;\s\0]+/)
      .filter((part) => part !== '')
      .map(check)
      .find((problem) => problem !== undefined)

const configId = matching(/^[a-z][a-z0-9_-]+$/i, (value) => `invalid configuration ID '${value}'`)
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsName = matching(new RegExp(`^(?:${label}\\.)*${label}$`), () => 'value does not look like a valid DNS name')
const address: Check = (value) =>
  isIP(value) === 0 && dnsName(value) ? 'value does not look like a valid IP address' : undefined
const keys =
  (known: readonly string[] | undefined, headed: boolean): Check =>
  (value) => {
    const seen = new Set<string>()
    for (const [index, part] of value.split(',').entries()) {
      const equals = part.indexOf('=')
      if (equals === -1) {
        if (!headed || index > 0) return 'value without key, but schema does not define a default key'
        continue
      }
      const key = part.slice(0, equals)
      if (seen.has(key)) return `duplicate key in comma-separated list property: ${key}`
      seen.add(key)
      if (known && !known.includes(key)) {
        return `format error\n${key}: property is not defined in schema and the schema does not allow additional properties`
      }
    }
    return undefined
  }

const driveKeys = [
  'aio backup bps bps_max_length bps_rd bps_rd_max_length bps_wr bps_wr_max_length cache cyls detect_zeroes',
  'discard efitype file format heads import-from iops iops_max iops_max_length iops_rd iops_rd_max',
  'iops_rd_max_length iops_wr iops_wr_max iops_wr_max_length iothread mbps mbps_max mbps_rd mbps_rd_max mbps_wr',
  'mbps_wr_max media model pre-enrolled-keys product queues replicate rerror ro scsiblock secs serial shared',
  'size snapshot ssd trans vendor version volume werror wwn',
].flatMap((line) => line.split(' '))
const netKeys = [
  'bridge',
  'firewall',
  'link_down',
  'macaddr',
  'model',
  'mtu',
  'queues',
  'rate',
  'tag',
  'trunks',
  ...netModels,
]
const agentKeys = ['enabled', 'fstrim_cloned_disks', 'freeze-fs-on-backup', 'type']

const agent: Check = (value) => keys(agentKeys, true)(value)
const memory: Check = (value) => {
  const amount = /^(?:current=)?(\d+)$/.exec(value)?.[1]
  if (amount === undefined) return `format error\ncurrent: type check ('integer') failed - got '${value}'`
  return Number(amount) < 16 ? 'format error\ncurrent: value must have a minimum value of 16' : undefined
}
const mac = matching(
  /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/i,
  () => 'value does not look like a valid unicast MAC address',
)
const cidr: Check = (value) =>
  isIP(value.split('/')[0] ?? '') && value.includes('/') ? undefined : 'value does not look like a valid CIDR network'

export type Format =
  | 'agent'
  | 'address'
  | 'address-list'
  | 'cidr'
  | 'config-id'
  | 'config-id-list'
  | 'dns-name'
  | 'drive'
  | 'ipv4'
  | 'mac'
  | 'memory'
  | 'net'
  | 'node'
  | 'pool'
  | 'role'
  | 'group'
  | 'storage'
  | 'tags'
  | 'user'
  | 'vmid'

/** The forms of values that are more than a type. */
export const formats: Readonly<Record<Format, Check>> = {
  agent,
  address,
  'address-list': listOf(address),
  cidr,
  'config-id': configId,
  'config-id-list': listOf(configId),
  'dns-name': dnsName,
  drive: keys(driveKeys, true),
  ipv4: (value: string) => (isIPv4(value) ? undefined : 'value does not look like a valid IPv4 address'),
  mac,
  memory,
  net: keys(netKeys, true),
  node: matching(new RegExp(`^${label}$`), () => 'value does not look like a valid node name'),
  pool: matching(/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){0,2}$/, () => 'value does not look like a valid pool name'),
  role: matching(/^[A-Za-z0-9._-]+$/, (value) => `role ID '${value}' contains invalid characters`),
  group: matching(/^[A-Za-z0-9._-]+$/, (value) => `group name '${value}' contains invalid characters`),
  storage: matching(/^[a-z][a-z0-9\-_.]*[a-z0-9]$/i, (value) => `storage ID '${value}' contains illegal characters`),
  tags: listOf(matching(/^[a-z0-9_][a-z0-9_\-+.]*$/i, () => 'invalid characters in tag')),
  user: matching(/^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+$/, (value) => `value '${value}' does not look like a valid user name`),
  vmid: matching(/^[1-9]\d{2,8}$/, () => 'value does not look like a valid VM ID'),
}
