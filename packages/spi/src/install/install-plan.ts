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
  /** Replaces the release's own mirror. */
  readonly mirror?: string
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
  readonly dns: readonly string[]
  readonly searchDomains: readonly string[]
  /** The network has no way to the Internet; no default route goes through it. */
  readonly isolated: boolean
}
