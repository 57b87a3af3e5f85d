import { createHash } from 'node:crypto'
import { tryParseIp } from '@virtkit/spi'
import { IpxeError } from './ipxe-machine.ts'
import type { IpxeMachine } from './ipxe-machine.ts'

/** iPXE's settings (https://ipxe.org/cfg): what `set` stores and `${name}` reads. */
export interface IpxeSettings {
  read(name: string): string | undefined
  /** An empty value clears. Throws `IpxeError` for a value that the setting cannot hold. */
  store(name: string, value: string): void
  /** Replaces every `${name}` and `${name:type}`, inner ones first; what is not set becomes nothing. */
  expand(text: string): string
}

const addressSettings: Readonly<Record<string, 4 | 6>> = {
  ip: 4,
  netmask: 4,
  gateway: 4,
  dns: 4,
  'next-server': 4,
  ip6: 6,
  gateway6: 6,
  dns6: 6,
}

export function createIpxeSettings(machine: IpxeMachine): IpxeSettings {
  const stored = new Map<string, string>()
  const builtIn = builtInSettings(machine)
  const nicOf = /^net(\d+|X)\/(.+)$/

  const read = (name: string): string | undefined => {
    const direct = stored.get(name) ?? builtIn.get(name)
    if (direct !== undefined) return direct
    const [, index, setting] = nicOf.exec(name) ?? []
    if (index === 'X') return read(`net0/${setting}`)
    // Without a scope a setting is looked for in all of them: the first card that has it answers.
    if (index !== undefined || name.includes('/')) return undefined
    return machine.nics
      .map((_, nic) => stored.get(`net${nic}/${name}`) ?? builtIn.get(`net${nic}/${name}`))
      .find((value) => value !== undefined)
  }
  const evaluate = (reference: string): string => {
    const [name = '', type] = reference.split(':', 2)
    const value = read(name)
    return value === undefined ? '' : format(value, type, name)
  }

  return {
    read: (name) => read(name.split(':', 1)[0] ?? name),
    store: (fullName, value) => {
      const name = fullName.split(':', 1)[0] ?? fullName
      if (value === '') {
        stored.delete(name)
        return
      }
      const plain = name.split('/').at(-1) ?? name
      const version = addressSettings[plain]
      if (version !== undefined && tryParseIp(value)?.version !== version) throw new IpxeError('Invalid argument')
      if (plain === 'len6' && !/^\d{1,3}$/.test(value)) throw new IpxeError('Invalid argument')
      stored.set(name, value)
    },
    expand: (text) => {
      let expanded = text
      for (;;) {
        const end = expanded.indexOf('}')
        const start = end === -1 ? -1 : expanded.lastIndexOf('${', end)
        if (start === -1) return expanded
        expanded = expanded.slice(0, start) + evaluate(expanded.slice(start + 2, end)) + expanded.slice(end + 1)
        if (expanded.length > 65_536) throw new IpxeError('Out of memory')
      }
    },
  }
}

function builtInSettings(machine: IpxeMachine): Map<string, string> {
  const uuid = createHash('sha256')
    .update(machine.nics[0]?.mac ?? machine.name)
    .digest('hex')
  const settings = new Map([
    ['platform', machine.firmware === 'bios' ? 'pcbios' : 'efi'],
    ['buildarch', machine.firmware === 'bios' ? 'i386' : 'x86_64'],
    ['version', '1.21.1'],
    ['manufacturer', 'Virtkit'],
    ['product', 'Simulated machine'],
    ['uuid', [0, 8, 12, 16, 20].map((at, part) => uuid.slice(at, [8, 12, 16, 20, 32][part])).join('-')],
  ])
  machine.nics.forEach((nic, index) => {
    settings.set(`net${index}/mac`, nic.mac)
    settings.set(`net${index}/ifname`, `net${index}`)
  })
  for (const [name, value] of settings) if (!name.includes('/')) settings.set(`builtin/${name}`, value)
  return settings
}

function format(value: string, type: string | undefined, name: string): string {
  switch (type) {
    case 'hexhyp':
      return bytesOf(value, name).join('-')
    case 'hex':
      return bytesOf(value, name).join(':')
    case 'hexraw':
      return bytesOf(value, name).join('')
    case 'uristring':
      return encodeURIComponent(value)
    default:
      return value
  }
}

function bytesOf(value: string, name: string): string[] {
  if (name.endsWith('mac')) return value.split(':')
  if (name.endsWith('uuid')) return value.replaceAll('-', '').match(/../g) ?? []
  const address = tryParseIp(value)
  if (address?.version === 4) return value.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return [...Buffer.from(value)].map((byte) => byte.toString(16).padStart(2, '0'))
}
