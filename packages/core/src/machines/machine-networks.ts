import type { By } from '../access/actor.ts'
import type { Queries } from '../database/database.ts'

/** Network cards of machines. */
export interface MachineNetworks {
  /**
   * Adds a card to a machine on paper. Without `ip` the network hands one out; without `mac` one is made in the hypervisor's own
   * range. Throws `CONFLICT` once the machine is deployed and for a MAC in use, `ADDRESS_TAKEN`, `ADDRESS_POOL_EXHAUSTED`.
   */
  add(machineKey: number, card: MachineNetworkInput, by?: By): Promise<MachineNetwork>
  get(key: number, by?: By): Promise<MachineNetwork>
  list(filter?: { machine?: number }, by?: By): Promise<readonly MachineNetwork[]>
  /** Replaces a card of a machine on paper; without `ip` and `mac` it keeps those that it has on the same network. */
  update(key: number, card: MachineNetworkInput, by?: By): Promise<MachineNetwork>
  /** Removes it from a machine on paper and gives back its address. */
  remove(key: number, by?: By): Promise<void>

  /** Compares the addresses of cards with the address book, and tells every difference. It must find none. */
  verify(by?: By): Promise<readonly AddressDrift[]>

  /** Makes the cards of a new machine, in the caller's transaction. */
  attach(queries: Queries, machine: { key: number; cluster: number }, cards: readonly MachineNetworkInput[]): Promise<void>
  /**
   * Writes down the cards that a machine has already, in the caller's transaction: with their own MACs, and with an address only
   * where one is said. Throws `CONFLICT` for a MAC in use, `ADDRESS_TAKEN`.
   */
  adopt(
    queries: Queries,
    machine: { key: number; cluster: number },
    cards: readonly (MachineNetworkInput & { readonly mac: string })[],
  ): Promise<void>
  /** Gives back every address of a machine, in the caller's transaction. */
  release(queries: Queries, machineKey: number): Promise<void>
  of(queries: Queries, machineKeys: readonly number[]): Promise<readonly MachineNetwork[]>
}

/** An address that the book and a card do not agree on. */
export interface AddressDrift {
  readonly network: number
  readonly card: number
  /** Left out: there is no such card. */
  readonly machine?: number
  /** What the book has for the card; left out: nothing. */
  readonly recorded?: string
  /** What the card has; left out: nothing. */
  readonly actual?: string
}

export interface MachineNetworkInput {
  /** Key of a network of the machine's cluster. */
  readonly network: number
  readonly ip?: string
  readonly mac?: string
  /** Search domains; the first is the machine's own. */
  readonly domains?: readonly string[]
}

export interface MachineNetwork {
  readonly key: number
  readonly machine: number
  readonly network: number
  readonly position: number
  /** Left out: DHCP. */
  readonly ip?: string
  readonly mac: string
  readonly domains: readonly string[]
}
