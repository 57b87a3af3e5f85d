import type { DatabaseLocation } from '@virtkit/test-databases'

/** Keys of what the soak has set up, for every client. */
export interface SoakWorld {
  readonly cluster: number
  readonly simulator: string
  readonly groups: readonly number[]
  /** Networks that hand out addresses, the nearly full ones first. */
  readonly networks: readonly SoakNetwork[]
  /** A network whose addresses come from elsewhere. */
  readonly dhcp: number
}

export interface SoakNetwork {
  readonly key: number
  readonly name: string
  /** Small: where an address that one asks for is likely to be somebody's. */
  readonly asked: readonly string[]
}

/** What the test turns in the code that the clients run; nothing in an honest run. */
export interface Mutation {
  /** Addresses come from an allocator that trusts its memory. */
  readonly naiveAddresses?: boolean
  /** MAC addresses are drawn from so many only. */
  readonly macs?: number
}

/** What one client process is to do. */
export interface Job {
  readonly database: DatabaseLocation
  readonly keys: readonly { readonly id: string; readonly key: string }[]
  readonly world: SoakWorld
  readonly seed: number
  /** Which of the processes it is, and how many before it have died in its place. */
  readonly slot: number
  readonly generation: number
  readonly clients: number
  readonly journal: string
  readonly leaseMs: number
  readonly mutation: Mutation
}

/** From the parent to a client process. */
export type Order = { readonly job: Job } | { readonly stop: true }

/** From a client process to its parent: how many moves are done. */
export interface Told {
  readonly done: number
}
