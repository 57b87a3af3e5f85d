import type { Clock } from '@virtkit/spi'
import type { Lease } from '../guest-hardware.ts'

/** What iPXE needs from the machine that it runs on. */
export interface IpxeMachine {
  readonly name: string
  readonly firmware: 'bios' | 'uefi'
  readonly nics: readonly { readonly mac: string; readonly network: string }[]
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The network's DHCP server, seen from one card. */
  lease(nic: { readonly mac: string; readonly network: string }): Lease | undefined
  /** Throws `FetchFailed`. */
  fetch(url: string, signal: AbortSignal): Promise<Uint8Array>
  /** The first disk holds something to boot. */
  diskBoots(): boolean
  print(line: string): void
}

/** A file that iPXE has downloaded. */
export interface IpxeImage {
  readonly name: string
  readonly bytes: Uint8Array
  arguments: string
}

/** How a run of iPXE ended. */
export type IpxeOutcome =
  | { readonly kind: 'kernel'; readonly kernel: IpxeImage; readonly initrds: readonly IpxeImage[] }
  | { readonly kind: 'disk' }
  /** The script came to its end or failed: the firmware goes on with its next boot device. */
  | { readonly kind: 'exit'; readonly failed: boolean }
  | { readonly kind: 'reboot' }
  | { readonly kind: 'poweroff' }
  /** It waits for someone to type. */
  | { readonly kind: 'shell' }

/** A command failed; the message is what iPXE prints. */
export class IpxeError extends Error {
  override readonly name = 'IpxeError'
}
