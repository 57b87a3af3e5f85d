import type { Clock } from '@virtkit/spi'
import type { GuestPace } from './guest-pace.ts'

/** The machine as the software inside sees it. Nothing else reaches a guest: what to install it learns from its medium. */
export interface GuestHardware {
  readonly name: string
  readonly firmware: 'bios' | 'uefi'
  /** In order of their slots: iPXE's `net0` is the first. */
  readonly nics: readonly { readonly mac: string; readonly network: string }[]
  /** What the firmware tries first. */
  bootsFrom(): 'disk' | 'medium'
  /** The bytes of the medium that is in the drive now. */
  medium(): Promise<Uint8Array | undefined>
  /** A file of the first disk. */
  readDisk(path: string): string | undefined
  /** Promises: what is written here outlives power off. */
  writeDisk(files: Readonly<Record<string, string>>): void
  writeMemory(key: string, value: string): void
  /** What the hypervisor's guest agent reports from now on. */
  setAddresses(addresses: readonly string[]): void
  /** One line on the serial console. */
  console(line: string): void
}

export interface GuestOptions {
  readonly clock: Clock
  /** 0 up to 1; the only source of chance. */
  readonly random: () => number
  readonly pace: GuestPace
  /** The network's DHCP server, seen from one card. Left out: no network has one. */
  readonly lease?: (nic: { readonly mac: string; readonly network: string }) => Lease | undefined
}

/** What a DHCP server gives (RFC 2131). */
export interface Lease {
  readonly ip: string
  readonly netmask: string
  readonly gateway?: string
  readonly dns?: string
}
