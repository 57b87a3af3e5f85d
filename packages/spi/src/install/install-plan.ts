import type { Firmware } from '../driver/machine-operations.ts'
import type { Secret } from '../values/secret.ts'

/** Everything that one run of an OS installation needs to know. Pure data: the same plan renders the same files. */
export interface InstallPlan {
  /** One run; a second installation of the same machine has another. */
  readonly runId: string
  readonly machine: { readonly name: string; readonly firmware: Firmware; readonly diskMiB: number }
  /** The catalog's release id. */
  readonly os: string
  /** Without domain. */
  readonly hostname: string
  readonly domain?: string
  /** At least one; the first is the one that the machine boots and installs from. */
  readonly networks: readonly PlannedNetwork[]
  /** POSIX locale: `en_US.UTF-8`. */
  readonly locale: string
  /** XKB layout: `us`, `de`. */
  readonly keyboard: string
  /** tz database name: `Europe/Berlin`. */
  readonly timezone: string
  /** crypt(3) hash (`$6$…`) of root's password. */
  readonly rootPasswordHash: Secret
  readonly sshKeys: readonly string[]
  readonly packages: readonly string[]
  /** How the disk is divided: one file system on all of it, or logical volumes. Default: `plain`. */
  readonly diskLayout?: 'plain' | 'lvm'
  /** Replaces the release's own mirror. */
  readonly mirror?: string
  /** Left out: from its medium. `network`: by PXE, as the site's DHCP server tells it. */
  readonly boot?: 'network'
  /** W3C `traceparent`; the guest carries it on its kernel command line. */
  readonly trace?: string
}

export interface PlannedNetwork {
  readonly mac: string
  /** Left out: DHCP. */
  readonly static?: {
    readonly address: string
    readonly prefix: number
    readonly gateway?: string
  }
  /** A static IPv6 address beside the IPv4 one, be that static or leased. */
  readonly static6?: {
    readonly address: string
    readonly prefix: number
    readonly gateway?: string
  }
  /** Ways to other networks than the default one; they hold in isolated networks too. */
  readonly routes?: readonly PlannedRoute[]
  readonly dns: readonly string[]
  readonly searchDomains: readonly string[]
  /** The network has no way to the Internet; no default route goes through it. */
  readonly isolated: boolean
}

export interface PlannedRoute {
  /** A network: `10.0.0.0/8`. */
  readonly to: string
  /** A neighbour in the card's own network, of the same IP version. */
  readonly via: string
}
