import { YamlError, readYaml } from './block-yaml.ts'
import type { Yaml } from './block-yaml.ts'
import type { FileTree } from './file-tree.ts'
import type { GuestContext } from './guest-context.ts'
import { cardName } from './network-cards.ts'

/** One card as the configuration on the disk has it; it takes effect when the machine has that card. */
interface ConfiguredCard {
  /** MAC or name. */
  readonly card: string
  readonly addresses: readonly string[]
  readonly dhcp: boolean
}

/**
 * The addresses that an installed system comes up with, from the configuration on its disk: ifupdown, NetworkManager, netplan,
 * cloud-init. A card that the machine does not have gets none; one on DHCP what the network's server gives.
 */
export function installedAddresses(files: FileTree, context: GuestContext): string[] {
  const configured = files.paths().flatMap((path) => readConfiguration(path, files.read(path) ?? ''))
  return context.hardware.nics.flatMap((nic, index) => {
    const own = configured.filter(({ card }) => card.toLowerCase() === nic.mac || card === cardName(index))
    const fixed = own.flatMap(({ addresses }) => addresses.map((address) => address.split('/', 1)[0] ?? address))
    const lease = own.some(({ dhcp }) => dhcp) ? context.lease(nic)?.ip : undefined
    return [...new Set(lease === undefined ? fixed : [...fixed, lease])]
  })
}

function readConfiguration(path: string, text: string): ConfiguredCard[] {
  if (/^\/etc\/network\/interfaces(\.d\/[\w-]+)?$/.test(path)) return readInterfaces(text)
  if (/^\/etc\/NetworkManager\/system-connections\/.+\.nmconnection$/.test(path)) return readKeyfile(text)
  if (/^\/etc\/netplan\/.+\.yaml$/.test(path) || path.endsWith('/seed/nocloud/network-config')) return readNetplan(text)
  return []
}

/** interfaces(5). */
function readInterfaces(text: string): ConfiguredCard[] {
  const blocks = text.split(/^(?=iface\s)/m).filter((block) => block.startsWith('iface'))
  return blocks.map((block) => {
    const [, card = '', method] = /^iface\s+(\S+)\s+inet6?\s+(\S+)/.exec(block) ?? []
    return {
      card,
      addresses: [...block.matchAll(/^\s+address\s+(\S+)/gm)].map(([, address = '']) => address),
      dhcp: method === 'dhcp',
    }
  })
}

/** nm-settings-keyfile(5). */
function readKeyfile(text: string): ConfiguredCard[] {
  const card = /^(?:mac-address|interface-name)=(.+)$/m.exec(text)?.[1] ?? ''
  const addresses = [...text.matchAll(/^address\d+=([^,\n]+)/gm)].map(([, address = '']) => address)
  return [{ card, addresses, dhcp: /^\[ipv4\][^[]*^method=auto$/ms.test(text) }]
}

/** https://netplan.readthedocs.io/en/stable/netplan-yaml/ */
function readNetplan(text: string): ConfiguredCard[] {
  const document = parsed(text)
  const ethernets = field(field(document, 'network') ?? document, 'ethernets')
  if (!isMap(ethernets)) return []
  return Object.entries(ethernets).map(([name, card]) => {
    const mac = field(field(card, 'match'), 'macaddress')
    const addresses = field(card, 'addresses')
    return {
      card: typeof mac === 'string' ? mac : name,
      addresses: Array.isArray(addresses) ? addresses.map(String) : [],
      dhcp: field(card, 'dhcp4') === true || field(card, 'dhcp6') === true,
    }
  })
}

/** A file that cannot be read configures nothing. */
function parsed(text: string): Yaml {
  try {
    return readYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return null
    throw error
  }
}

const isMap = (value: Yaml | undefined): value is { readonly [key: string]: Yaml } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const field = (value: Yaml | undefined, name: string): Yaml | undefined => (isMap(value) ? value[name] : undefined)
