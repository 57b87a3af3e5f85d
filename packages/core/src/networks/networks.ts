import type { By } from '../access/actor.ts'
import type { AddressEntry } from './addresses.ts'

/** Networks of clusters, and the range that addresses are handed out from. */
export interface Networks {
  /**
   * Throws `INVALID_INPUT` (a range or gateway outside of `cidr`, `cidr` missing without DHCP, …), `CONFLICT` for a name in use on
   * the cluster, `NOT_FOUND` for the cluster.
   */
  add(network: NetworkInput, by?: By): Promise<Network>
  get(key: number, by?: By): Promise<Network>
  find(clusterKey: number, name: string, by?: By): Promise<Network | undefined>
  list(by?: By): Promise<readonly Network[]>
  /** Replaces all of it. Shrinking under used addresses is `CONFLICT` and names them. */
  update(key: number, network: NetworkInput, by?: By): Promise<Network>
  /** Which addresses are in use or held, in order. */
  addresses(key: number, by?: By): Promise<readonly AddressEntry[]>
  /** The address that would be handed out now. Nobody holds it for you: creating a network card is what takes one. */
  predictAddress(key: number, by?: By): Promise<string>
  /** Throws `CONFLICT` while machines or profiles use it. */
  remove(key: number, by?: By): Promise<void>
}

export interface NetworkInput {
  /** As the hypervisor calls it. */
  readonly name: string
  readonly cluster: number
  /** Addresses come from a DHCP server of the site; none are handed out here. */
  readonly dhcp?: boolean
  /** Needed without DHCP: `10.20.0.0/24`. */
  readonly cidr?: string
  /**
   * Where to hand out from, inside of `cidr`: CIDR or `a-b`. Default: all of `cidr` but network, broadcast and gateway addresses.
   */
  readonly reservation?: string
  /** Parts of the range that are not handed out, each a CIDR, `a-b` or one address; they can be asked for by name. */
  readonly excluded?: readonly string[]
  /** How long an address that was given back rests before it is handed out again, in milliseconds. Default 0: not at all. */
  readonly quarantineMs?: number
  readonly gateway?: string
  readonly dns?: readonly string[]
  readonly zoneDomain?: string
  /** No way to the Internet. */
  readonly isolated?: boolean
}

export interface Network extends Omit<NetworkInput, 'dhcp' | 'dns' | 'isolated' | 'excluded' | 'quarantineMs'> {
  readonly key: number
  readonly dhcp: boolean
  readonly excluded: readonly string[]
  readonly quarantineMs: number
  readonly dns: readonly string[]
  readonly isolated: boolean
}
