import type { MachineSpec } from '@virtkit/spi'
import type { PveParams } from '../client/transport.ts'
import type { Place } from '../site/placement.ts'
import { hostNameOf } from './host-name.ts'
import { tagOf, withMark } from './mark.ts'
import { formatFor } from './storage-kind.ts'

export const traySlot = 'ide2'

/** What is asked of the server to make a machine: all of it in one request, so that there is no half of one. */
export function createParams(vmid: number, spec: MachineSpec, { pool, storages, main }: Place, key: string): PveParams {
  const disks = spec.disks.map(({ sizeMiB, provisioning }, index) => {
    const storage = storages[index] ?? main
    const { format } = formatFor(storage.type, provisioning) ?? {}
    const options = [`${storage.name}:${gib(sizeMiB)}`, ...(format ? [`format=${format}`] : []), 'discard=on', 'iothread=1']
    return [`scsi${index}`, options.join(',')] as const
  })
  const cards = spec.nics.map(({ network, mac }, index) => [`net${index}`, cardValue(mac, network)] as const)
  const order = bootOrder(
    disks.map(([slot]) => slot),
    cards.map(([slot]) => slot),
    spec.medium ? 'medium' : 'disk',
  )
  const { format } = formatFor(main.type, 'thin') ?? {}
  return {
    vmid,
    name: hostNameOf(spec.name),
    description: withMark(spec.notes, vmid, { key, unfinished: false, name: spec.name }),
    tags: tagOf(key),
    cores: spec.cpus,
    memory: spec.memoryMiB,
    ostype: osType(spec.guestOs),
    agent: '1',
    scsihw: 'virtio-scsi-single',
    ...(spec.firmware === 'uefi' && {
      bios: 'ovmf',
      efidisk0: [`${main.name}:1`, ...(format ? [`format=${format}`] : []), 'efitype=4m', 'pre-enrolled-keys=0'].join(','),
    }),
    ...Object.fromEntries([...disks, ...cards]),
    [traySlot]: `${spec.medium?.ref ?? 'none'},media=cdrom`,
    boot: `order=${order.join(';')}`,
    pool,
  }
}

/** First the medium or the disks; the network last, for a machine whose disk is empty. */
export function bootOrder(
  disks: readonly string[],
  cards: readonly string[],
  first: 'disk' | 'medium',
  tray: string = traySlot,
): readonly string[] {
  const disk = disks.slice(0, 1)
  const card = cards.slice(0, 1)
  return first === 'medium' ? [tray, ...disk, ...card] : [...disk, tray, ...card]
}

export function cardValue(mac: string, network: string, rest: readonly string[] = []): string {
  return [`virtio=${mac.toUpperCase()}`, `bridge=${network}`, ...rest].join(',')
}

/** Disks are asked for in GiB; a part of one is fine. */
export function gib(sizeMiB: number): string {
  return String(Number((sizeMiB / 1024).toFixed(10)))
}

function osType(guestOs: string | undefined): string {
  if (guestOs === undefined) return 'l26'
  if (/^win(?:dows)?-?(?:11|server-?20(?:22|25))/i.test(guestOs)) return 'win11'
  if (/^win/i.test(guestOs)) return 'win10'
  return /bsd|^other/i.test(guestOs) ? 'other' : 'l26'
}
