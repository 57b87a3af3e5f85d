import type { Virtkit } from '@virtkit/core'
import type { BareConnection } from './bare-connection.ts'
import { addCluster } from './open-kit.ts'

export type Fill = 'empty' | 'half' | 'almost'

/** What stands in the table for how full a /16 is. */
export const fillNames: Readonly<Record<Fill, string>> = { empty: '0 %', half: '50 %', almost: '99.9 %' }

/** Addresses of a /16 that are taken beforehand. What is free lies scattered: that is how networks are after some years. */
const isTaken: Readonly<Record<Fill, (offset: number) => boolean>> = {
  empty: () => false,
  half: (offset) => offset % 2 === 0,
  almost: (offset) => offset % 1000 !== 0,
}
/** How many addresses the fullest pool has left. */
export const leftInAlmost = 65

export class AddressPools {
  readonly #kit: Virtkit
  readonly #bare: BareConnection
  #cluster: number | undefined
  #made = 0

  constructor(kit: Virtkit, bare: BareConnection) {
    this.#kit = kit
    this.#bare = bare
  }

  /** A new network `10.x.0.0/16`, filled by SQL. */
  async add(fill: Fill): Promise<number> {
    const second = (this.#made += 1)
    const key = await this.#network(`10.${second}.0.0/16`)
    const first = (10 << 24) | (second << 16)
    const offsets = Array.from({ length: 65_534 }, (_, index) => index + 1).filter(isTaken[fill])
    await this.#take(
      key,
      offsets.map((offset) => (first + offset).toString(16).padStart(8, '0')),
    )
    return key
  }

  /** A new and empty IPv6 network. */
  async addIpv6(): Promise<number> {
    return this.#network(`2001:db8:0:${(this.#made += 1).toString(16)}::/64`)
  }

  /** Throws when the book does not hold as many addresses of clients as the clients were told. */
  async check(networks: readonly number[], calls: number): Promise<void> {
    const [found] = await this.#bare.prepare(`select count(*) as many from addresses where ${ofClients(networks)}`)([])
    if (Number(found?.many) !== calls)
      throw new Error(`clients were told of ${calls} addresses, and ${String(found?.many)} are in the book`)
  }

  /** Gives back what the clients took of these networks. */
  async putBack(networks: readonly number[]): Promise<void> {
    await this.#bare.script(`delete from addresses where ${ofClients(networks)}`)
  }

  async #network(cidr: string): Promise<number> {
    this.#cluster ??= await addCluster(this.#kit, 'bench')
    return (await this.#kit.networks.add({ name: cidr, cluster: this.#cluster, cidr })).key
  }

  async #take(networkKey: number, addresses: readonly string[]): Promise<void> {
    const each =
      this.#bare.engine === 'sqlite'
        ? `select $1, value, 'used', 'filled/' || value from json_each($2)`
        : `select $1::integer, value, 'used', 'filled/' || value from json_array_elements_text($2::json) as value`
    await this.#bare.prepare(`insert into addresses (network_key, address, state, owner) ${each}`)([
      networkKey,
      JSON.stringify(addresses),
    ])
    // What PostgreSQL does by itself in time.
    if (this.#bare.engine === 'postgres') await this.#bare.script('analyze addresses')
  }
}

const ofClients = (networks: readonly number[]): string =>
  `network_key in (${networks.join(', ')}) and owner >= 'bench/' and owner < 'bench0'`
