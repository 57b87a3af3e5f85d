import type { AddressEntry, BlockingDimension, Install, VirtkitError } from '@virtkit/core'

/** What the quickstart tells, in order; with `--json` each is a line. Memory and disk are MiB. */
export type QuickstartEvent =
  | {
      readonly event: 'opened'
      /** Without a password. */
      readonly database: string
      readonly simulator: { readonly url: string; readonly own: boolean; readonly stateFile?: string }
      readonly bootServer: string
    }
  | {
      readonly event: 'set-up'
      readonly what: 'cluster' | 'network' | 'group' | 'contingent' | 'profile'
      readonly name: string
      /** False: an earlier run has made it. */
      readonly made: boolean
    }
  | {
      readonly event: 'progress'
      readonly machine: string
      readonly phase: Install['phase']
      readonly percent: number
      readonly detail?: string
    }
  | { readonly event: 'ready'; readonly machine: string; readonly address: string; readonly how: HowReady }
  | {
      readonly event: 'refused'
      readonly machine: string
      readonly code: 'CONTINGENT_EXCEEDED'
      readonly blocking: readonly BlockingDimension[]
    }
  | {
      readonly event: 'snapshot'
      readonly machine: string
      readonly snapshot: string
      readonly step: 'taken' | 'found' | 'reverted'
    }
  | { readonly event: 'inventory'; readonly machines: readonly InventoryRow[] }
  | {
      readonly event: 'addresses'
      readonly network: string
      readonly cidr: string
      readonly addresses: readonly AddressRow[]
    }
  | { readonly event: 'usage'; readonly group: string; readonly dimensions: readonly UsageRow[] }
  /** Something went wrong in the background, and the kit copes with it. */
  | { readonly event: 'trouble'; readonly error: VirtkitError }
  | { readonly event: 'done'; readonly durationMs: number }

/** `found`: an earlier run had installed it. `resumed`: an earlier run had begun, this one has ended it. */
export type HowReady = 'installed' | 'resumed' | 'found'

export interface InventoryRow {
  readonly name: string
  readonly state: string
  readonly power: string
  readonly address: string
  readonly cpus: number
  readonly memoryMiB: number
  readonly diskMiB: number
  readonly datastore: string
}

export interface AddressRow {
  readonly address: string
  readonly state: AddressEntry['state']
  readonly machine: string
  readonly mac: string
}

export interface UsageRow {
  readonly dimension: BlockingDimension['dimension']
  readonly limit: number
  readonly used: number
  readonly reserved: number
}

/** Takes what the quickstart tells. */
export type Tell = (event: QuickstartEvent) => void
