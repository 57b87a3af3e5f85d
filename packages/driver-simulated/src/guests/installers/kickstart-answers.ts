import { GuestStopped } from '../guest-context.ts'
import type { GuestContext } from '../guest-context.ts'
import { cardName, prefixLength } from '../network-cards.ts'
import type { CardConfiguration } from '../network-cards.ts'
import { isCrypted, isHostname } from './installer.ts'
import { optionOf } from './kickstart-file.ts'
import type { Kickstart } from './kickstart-file.ts'

export interface KickstartAnswers {
  readonly hostname: string
  readonly rootPasswordHash: string
  readonly cards: readonly CardConfiguration[]
  readonly packages: readonly string[]
}

/** What Anaconda would stop at and ask. Throws `GuestStopped` naming all of it. */
export function kickstartAnswers(file: Kickstart, context: GuestContext, hasSource: boolean): KickstartAnswers {
  const has = (...names: readonly string[]): boolean => file.commands.some(({ name }) => names.includes(name))
  const missing: string[] = []
  for (const name of ['lang', 'keyboard', 'timezone', 'bootloader']) if (!has(name)) missing.push(name)
  if (!has('autopart', 'part', 'partition', 'logvol', 'btrfs', 'mount')) missing.push('a partitioning command')
  if (!has('zerombr') || !has('clearpart')) missing.push('zerombr and clearpart, for a disk that is not empty')
  if (!has('url', 'nfs', 'cdrom', 'harddrive', 'liveimg', 'ostreesetup') && !hasSource)
    missing.push('an installation source')
  if (!has('reboot')) missing.push('reboot')
  const packages = file.sections.find(({ name }) => name === '%packages')
  if (!packages) missing.push('%packages')
  const rootPasswordHash = rootHash(file)
  if (rootPasswordHash === undefined) missing.push('rootpw with a crypted password')
  const hostname = file.commands
    .flatMap(({ name, words }) => (name === 'network' ? [optionOf(words, 'hostname')] : []))
    .findLast((value) => value !== undefined)
  if (!isHostname(hostname)) missing.push('network --hostname')
  if (missing.length > 0 || !packages || rootPasswordHash === undefined || hostname === undefined) {
    throw new GuestStopped(`Anaconda needs: ${missing.join(', ')}`)
  }
  const list = packages.body.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return { hostname, rootPasswordHash, cards: networkCards(file, context), packages: list.filter(Boolean) }
}

function rootHash(file: Kickstart): string | undefined {
  const words = file.commands.findLast(({ name }) => name === 'rootpw')?.words ?? []
  if (words.includes('--lock')) return '!!'
  const hash = words.find((word) => !word.startsWith('--'))
  return words.includes('--iscrypted') && isCrypted(hash) ? hash : undefined
}

function networkCards(file: Kickstart, context: GuestContext): CardConfiguration[] {
  const { nics } = context.hardware
  return file.commands.flatMap(({ name, words }) => {
    if (name !== 'network') return []
    const option = (key: string): string | undefined => optionOf(words, key)
    const device = option('device') ?? (nics.length === 1 ? nics[0]?.mac : undefined)
    if (device === undefined) return []
    const nic = nics.find(({ mac }, index) => [mac, cardName(index)].includes(device.toLowerCase()))
    if (!nic) throw new GuestStopped(`Anaconda: there is no network card ${device}`)
    const isStatic = option('bootproto') === 'static'
    const prefix = isStatic ? prefixLength(option('netmask') ?? '') : undefined
    if (isStatic && (option('ip') === undefined || prefix === undefined)) {
      throw new GuestStopped('Anaconda: a static network needs --ip and --netmask')
    }
    const six = option('ipv6')?.includes('/') ? option('ipv6') : undefined
    const addresses = [...(isStatic ? [`${option('ip')}/${prefix}`] : []), ...(six === undefined ? [] : [six])]
    const gateway = option('gateway') ?? option('ipv6gateway')
    const dns = (option('nameserver') ?? '').split(',').filter(Boolean)
    const dhcp = !isStatic && !words.includes('--noipv4')
    return [{ mac: nic.mac, addresses, dhcp, dns, ...(gateway === undefined ? {} : { gateway }) }]
  })
}
