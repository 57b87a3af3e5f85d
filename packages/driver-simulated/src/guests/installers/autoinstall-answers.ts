import { YamlError, readYaml } from '../block-yaml.ts'
import type { Yaml } from '../block-yaml.ts'
import { GuestStopped } from '../guest-context.ts'
import type { GuestContext } from '../guest-context.ts'
import type { CardConfiguration } from '../network-cards.ts'
import { isCrypted, isHostname } from './installer.ts'

export interface AutoinstallAnswers {
  readonly hostname: string
  readonly rootPasswordHash: string
  readonly cards: readonly CardConfiguration[]
  readonly packages: readonly string[]
  readonly early: readonly Command[]
  readonly late: readonly Command[]
  readonly onError: readonly Command[]
  /** Commands of cloud-init on the first boot. */
  readonly runcmd: readonly Command[]
}

/** A text for the shell, or the words of one command. */
export type Command = string | readonly string[]

type YamlMap = { readonly [key: string]: Yaml }

/** Reads `user-data` of Ubuntu's installer. Throws `GuestStopped` for what it would refuse, or stop at. */
export function readAutoinstall(text: string, metaData: string, context: GuestContext): AutoinstallAnswers {
  if (!text.startsWith('#cloud-config\n')) throw new GuestStopped('cloud-init: user-data is no cloud-config')
  const root = mapOf(parse(text, 'user-data'), 'user-data')
  const answers = mapOf(root['autoinstall'] ?? null, 'autoinstall')
  if (answers['version'] !== 1) throw new GuestStopped('autoinstall: version must be 1')
  const identity = answers['identity'] === undefined ? undefined : mapOf(answers['identity'], 'identity')
  const userData = answers['user-data'] === undefined ? undefined : mapOf(answers['user-data'], 'user-data')
  if (!identity && !userData) throw new GuestStopped('autoinstall: neither identity nor user-data is there')

  const meta = parse(metaData, 'meta-data')
  const hostname = identity?.['hostname'] ?? userData?.['hostname'] ?? (isMap(meta) ? meta['local-hostname'] : undefined)
  if (!isHostname(textOf(hostname))) throw new GuestStopped('autoinstall: there is no valid host name')
  const storage = answers['storage']
  if (storage !== undefined && !isMap(storage)) throw new GuestStopped('autoinstall: storage is not a map')
  return {
    hostname: String(hostname),
    rootPasswordHash: passwordOf(identity, userData),
    cards: cardsOf(answers['network'], context),
    packages: listOf(answers['packages'], 'packages').map(String),
    early: commandsOf(answers['early-commands'], 'early-commands'),
    late: commandsOf(answers['late-commands'], 'late-commands'),
    onError: commandsOf(answers['error-commands'], 'error-commands'),
    runcmd: commandsOf(userData?.['runcmd'], 'runcmd'),
  }
}

function passwordOf(identity: YamlMap | undefined, userData: YamlMap | undefined): string {
  const users = listOf(userData?.['users'], 'users').filter(isMap)
  const root = users.find((user) => user['name'] === 'root') ?? users[0]
  const hash = textOf(root?.['hashed_passwd'] ?? root?.['passwd'] ?? identity?.['password'])
  if (!isCrypted(hash)) throw new GuestStopped('autoinstall: there is no crypted password to log in with')
  return hash
}

/** netplan's `network`, with or without a level of that name inside. Without any, all cards use DHCP. */
function cardsOf(value: Yaml | undefined, context: GuestContext): CardConfiguration[] {
  const { nics } = context.hardware
  if (value === undefined) return nics.map(({ mac }) => ({ mac, addresses: [], dns: [], dhcp: true }))
  const outer = mapOf(value, 'network')
  const network = isMap(outer['network']) ? outer['network'] : outer
  if (network['version'] !== 2) throw new GuestStopped('autoinstall: network needs version 2')
  return Object.entries(mapOf(network['ethernets'] ?? {}, 'ethernets')).map(([name, value_]) => {
    const card = mapOf(value_, name)
    const match = isMap(card['match']) ? textOf(card['match']['macaddress']) : undefined
    const nic = nics.find(
      ({ mac }, index) => mac === match?.toLowerCase() || (match === undefined && name === `ens${index + 3}`),
    )
    if (!nic) throw new GuestStopped(`autoinstall: no network card matches ${name}`)
    const routes = listOf(card['routes'], 'routes').filter(isMap)
    const gateway = textOf(routes.find((route) => route['to'] === 'default')?.['via'])
    const servers = isMap(card['nameservers']) ? listOf(card['nameservers']['addresses'], 'nameservers').map(String) : []
    const addresses = listOf(card['addresses'], 'addresses').map(String)
    const dhcp = card['dhcp4'] === true
    if (!dhcp && addresses.length === 0) throw new GuestStopped(`autoinstall: ${name} gets no address`)
    return { mac: nic.mac, addresses, dns: servers, dhcp, ...(gateway === undefined ? {} : { gateway }) }
  })
}

function commandsOf(value: Yaml | undefined, name: string): Command[] {
  return listOf(value, name).map((command) => {
    if (typeof command === 'string') return command
    if (Array.isArray(command)) return command.map(String)
    throw new GuestStopped(`autoinstall: a command of ${name} is neither text nor a list`)
  })
}

function parse(text: string, name: string): Yaml {
  try {
    return readYaml(text)
  } catch (error) {
    if (error instanceof YamlError) throw new GuestStopped(`cloud-init: ${name}: ${error.message}`)
    throw error
  }
}

const isMap = (value: Yaml | undefined): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: Yaml | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

function mapOf(value: Yaml, name: string): YamlMap {
  if (isMap(value)) return value
  throw new GuestStopped(`autoinstall: ${name} is not a map`)
}

function listOf(value: Yaml | undefined, name: string): readonly Yaml[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new GuestStopped(`autoinstall: ${name} is not a list`)
}
