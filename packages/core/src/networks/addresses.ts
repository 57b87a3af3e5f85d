import type { Queries } from '../database/database.ts'

/**
 * The address book: who has which address of which network. A host with an IPAM of its own replaces it.
 *
 * Every method runs in the caller's transaction, so that an address and what it is for come and go together. Handed the
 * database's own `queries` instead, each call is a transaction of its own; many that come at once share one.
 */
export interface Addresses {
  /**
   * Hands out the lowest free address of the network's range, or the one asked for.
   *
   * Promises: no address twice, kept by the database; the lowest, or while others allocate at the same time one of the
   * lowest; the same owner gets the same address again, a hold of theirs becoming use when it is asked for without an end; what was
   * given back rests for the network's quarantine first, unless its last owner comes back or it is asked for by name. Costs the same
   * however large and however full the network is. Who allocates on several networks does so in order of their keys. Throws
   * `CONFLICT` when the owner has another address than the one asked for, `NOT_FOUND` for the network,
   * `ADDRESS_POOL_EXHAUSTED`, `ADDRESS_TAKEN`, `INVALID_INPUT` for one outside of the network or reserved (network, broadcast, gateway),
   * `UNSUPPORTED` for a DHCP network.
   */
  allocate(queries: Queries, request: AddressRequest): Promise<string>
  /** Gives back whatever the owner has on the network. Promises: again, no effect. */
  release(queries: Queries, networkKey: number, owner: string): Promise<void>
  /** What `allocate` would answer now; nobody holds it for you. */
  predict(queries: Queries, networkKey: number): Promise<string>
  /** What is not free, by address. */
  list(queries: Queries, networkKey: number): Promise<readonly AddressEntry[]>
  /**
   * The caller's transaction is about to change the network's range, or to remove the network. Promises: until it ends, nothing is
   * handed out of the old range, and from then on out of the new one.
   */
  replan(queries: Queries, networkKey: number): Promise<void>
}

export interface AddressRequest {
  readonly networkKey: number
  /** At most 120 characters; `nic/12`. */
  readonly owner: string
  readonly address?: string
  /** A hold that ends by itself, in milliseconds since the epoch; without it the address is in use until released. */
  readonly holdUntil?: number
}

export interface AddressEntry {
  readonly address: string
  /** Who has it; of one in quarantine, who had it last. */
  readonly owner: string
  readonly state: 'used' | 'held' | 'quarantined'
  readonly expiresAt?: number
}
