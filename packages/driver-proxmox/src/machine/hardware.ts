import type { Firmware, MachineInfo } from '@virtkit/spi'
import { parseProperties, parseSize } from '../client/property-string.ts'
import { type Wire, flag, number, text } from '../client/wire.ts'

/** A disk of a machine, with the place that it has in the configuration. */
export interface Drive {
  readonly key: string
  readonly volid: string
  readonly datastore: string
  readonly sizeMiB: number
}

export interface Card {
  readonly key: string
  readonly value: string
  readonly network: string
  readonly mac: string
}

/** What a configuration says, in an order that stays. */
export interface Hardware {
  readonly name: string
  readonly cpus: number
  readonly memoryMiB: number
  readonly firmware: Firmware
  /** The one that boots first. */
  readonly drives: readonly Drive[]
  readonly cards: readonly Card[]
  /** The drive for media, and what is in it. */
  readonly tray?: { readonly key: string; readonly medium?: string }
  readonly bootsFrom: MachineInfo['bootsFrom']
  /** The keys of the boot order. */
  readonly boot: readonly string[]
  readonly isTemplate: boolean
  readonly guestOs?: string
}

const buses = ['scsi', 'virtio', 'sata', 'ide']

export function readHardware(config: Wire, vmid: number): Hardware {
  const boot = /(?:^|,)order=([\w;]*)/.exec(text(config['boot']) ?? '')?.[1]?.split(';') ?? []
  const places = Object.keys(config)
    .flatMap((key) => {
      const [, bus = '', index] = /^(scsi|virtio|sata|ide)(\d+)$/.exec(key) ?? []
      return index === undefined ? [] : [{ key, bus: buses.indexOf(bus), index: Number(index) }]
    })
    .toSorted((a, b) => a.bus - b.bus || a.index - b.index)
    .map(({ key }) => ({ key, ...parseProperties(text(config[key]) ?? '') }))
  const disks = places.filter(({ options }) => options.get('media') !== 'cdrom')
  const trays = places.filter(({ head, options }) => options.get('media') === 'cdrom' && !/cloudinit/.test(head))
  const tray = trays[0]
  const isEmpty = tray === undefined || tray.head === 'none' || tray.head === 'cdrom'
  const bootable = boot.find((key) => key in config)
  // Before there was an order, letters said it: d is the drive, c the disk.
  const trayFirst = boot.length > 0 ? bootable === tray?.key : (text(config['boot']) ?? '').startsWith('d')
  const guestOs = text(config['ostype'])
  return {
    name: text(config['name']) ?? `VM ${vmid}`,
    cpus: number(config['vcpus']) ?? (number(config['cores']) ?? 1) * (number(config['sockets']) ?? 1),
    memoryMiB: Number(/^(?:current=)?(\d+)/.exec(text(config['memory']) ?? '')?.[1] ?? 512),
    firmware: config['bios'] === 'ovmf' ? 'uefi' : 'bios',
    drives: disks.toSorted((a, b) => rank(boot, a.key) - rank(boot, b.key)).map(driveOf),
    cards: cardsOf(config),
    ...(tray && { tray: { key: tray.key, ...(!isEmpty && { medium: tray.head }) } }),
    bootsFrom: trayFirst && !isEmpty ? 'medium' : 'disk',
    boot,
    isTemplate: flag(config['template']),
    ...(guestOs !== undefined && { guestOs }),
  }
}

function rank(boot: readonly string[], key: string): number {
  const at = boot.indexOf(key)
  return at === -1 ? boot.length : at
}

function driveOf({ key, head, options }: { key: string; head: string; options: ReadonlyMap<string, string> }): Drive {
  const bytes = parseSize(options.get('size') ?? '') ?? 0
  const colon = head.indexOf(':')
  return { key, volid: head, datastore: colon === -1 ? '' : head.slice(0, colon), sizeMiB: Math.ceil(bytes / 2 ** 20) }
}

function cardsOf(config: Wire): readonly Card[] {
  return Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .toSorted((a, b) => Number(a.slice(3)) - Number(b.slice(3)))
    .map((key) => {
      const value = text(config[key]) ?? ''
      const { options } = parseProperties(value)
      const mac =
        options.get('macaddr') ?? [...options.values()].find((each) => /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(each))
      return { key, value, network: options.get('bridge') ?? '', mac: (mac ?? '').toLowerCase() }
    })
}
