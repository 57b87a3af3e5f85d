import { type AnyDriver, VirtkitError, localMacRange, notFound, parseMac } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import { givenNetworks } from '../access/given.ts'
import type { Database, Queries } from '../database/database.ts'
import type { Events } from '../events/events.ts'
import type { Addresses } from '../networks/addresses.ts'
import { pickMac } from '../networks/mac-rules.ts'
import { findAddressDrift } from './address-drift.ts'
import type { AddressDrift, MachineNetwork, MachineNetworkInput, MachineNetworks } from './machine-networks.ts'
import { lockedMachineRow } from './machine-rows.ts'
import { parseCard } from './machine-rules.ts'
import type { MachineTables } from './machine-tables.ts'

type CardRow = Selectable<MachineTables['machineNetworks']>

export class SqlMachineNetworks implements MachineNetworks {
  readonly #database: Database
  readonly #access: Access
  readonly #events: Events
  readonly #addresses: Addresses
  readonly #drivers: readonly AnyDriver[]
  readonly #random: () => number

  constructor(
    database: Database,
    access: Access,
    events: Events,
    addresses: Addresses,
    drivers: readonly AnyDriver[],
    random: () => number,
  ) {
    this.#database = database
    this.#access = access
    this.#events = events
    this.#addresses = addresses
    this.#drivers = drivers
    this.#random = random
  }

  async add(machineKey: number, input: MachineNetworkInput, by?: By): Promise<MachineNetwork> {
    this.#access.require(by, 'machines:write')
    const card = parseCard(input)
    await this.#requireGiven(card.network, by)
    const key = await this.#database.transaction(async (queries) => {
      const machine = await this.#onPaper(queries, machineKey, by)
      const cards = await this.of(queries, [machineKey])
      const made = await this.#insert(queries, machine, card, (cards.at(-1)?.position ?? -1) + 1)
      await this.#changed(queries, machineKey)
      return made
    })
    return this.get(key, by)
  }

  async get(key: number, by?: By): Promise<MachineNetwork> {
    const row = await this.#visible(by).where('machineNetworks.key', '=', key).executeTakeFirst()
    if (!row) throw notFound('network card', key)
    return toCard(row)
  }

  async list(filter: { machine?: number } = {}, by?: By): Promise<readonly MachineNetwork[]> {
    let query = this.#visible(by).orderBy('machineKey').orderBy('position')
    if (filter.machine !== undefined) query = query.where('machineKey', '=', filter.machine)
    return (await query.execute()).map(toCard)
  }

  async update(key: number, input: MachineNetworkInput, by?: By): Promise<MachineNetwork> {
    this.#access.require(by, 'machines:write')
    const card = parseCard(input)
    const before = await this.get(key, by)
    const keeps = before.network === card.network
    if (!keeps) await this.#requireGiven(card.network, by)
    await this.#database.transaction(async (queries) => {
      const machine = await this.#onPaper(queries, before.machine, by)
      await this.#take(queries, before)
      const ip = card.ip ?? (keeps ? before.ip : undefined)
      await this.#insert(
        queries,
        machine,
        { ...card, ...(ip ? { ip } : {}), mac: card.mac ?? before.mac },
        before.position,
        key,
      )
      await this.#changed(queries, before.machine)
    })
    return this.get(key, by)
  }

  async remove(key: number, by?: By): Promise<void> {
    this.#access.require(by, 'machines:write')
    const card = await this.get(key, by)
    await this.#database.transaction(async (queries) => {
      await this.#onPaper(queries, card.machine, by)
      await this.#take(queries, card)
      await this.#changed(queries, card.machine)
    })
  }

  async verify(by?: By): Promise<readonly AddressDrift[]> {
    const groups = this.#access.groupsOf(this.#access.require(by, 'machines:read'))
    const found = await findAddressDrift(this.#addresses, this.#database.queries)
    if (groups === 'all') return found
    const seen = new Set((await this.list({}, by)).map(({ key }) => key))
    return found.filter(({ card }) => seen.has(card))
  }

  async attach(
    queries: Queries,
    machine: { key: number; cluster: number },
    cards: readonly MachineNetworkInput[],
  ): Promise<void> {
    for (const [position, card] of cards.entries()) await this.#insert(queries, machine, card, position)
  }

  async adopt(
    queries: Queries,
    machine: { key: number; cluster: number },
    cards: readonly (MachineNetworkInput & { readonly mac: string })[],
  ): Promise<void> {
    const made: { key: number; network: number; ip: string | undefined }[] = []
    for (const [position, card] of cards.entries()) {
      const network = await this.#network(queries, machine.cluster, card.network, position)
      const key = await this.#withMac(queries, machine.cluster, card.mac, position, rowOf(machine, network, card, position))
      made.push({ key, network: network.key, ip: card.ip })
    }
    // On several networks in the order of their keys, so that two who take addresses never wait for each other.
    for (const { key, network, ip } of made.toSorted((a, b) => a.network - b.network)) {
      if (ip !== undefined) await this.#address(queries, network, key, ip)
    }
  }

  async release(queries: Queries, machineKey: number): Promise<void> {
    for (const card of await this.of(queries, [machineKey])) await this.#take(queries, card)
  }

  async of(queries: Queries, machineKeys: readonly number[]): Promise<readonly MachineNetwork[]> {
    if (machineKeys.length === 0) return []
    const rows = await queries
      .selectFrom('machineNetworks')
      .selectAll()
      .where('machineKey', 'in', machineKeys)
      .orderBy('machineKey')
      .orderBy('position')
      .execute()
    return rows.map(toCard)
  }

  #visible(by: By | undefined) {
    const groups = this.#access.groupsOf(this.#access.require(by, 'machines:read'))
    const query = this.#database.queries.selectFrom('machineNetworks').selectAll('machineNetworks')
    if (groups === 'all') return query
    return query
      .innerJoin('machines', 'machines.key', 'machineNetworks.machineKey')
      .where('machines.ownerKey', 'in', groups.length > 0 ? groups : [-1])
  }

  async #insert(
    queries: Queries,
    machine: { key: number; cluster: number },
    card: MachineNetworkInput,
    position: number,
    key?: number,
  ): Promise<number> {
    const network = await this.#network(queries, machine.cluster, card.network, position)
    const values = { ...(key === undefined ? {} : { key }), ...rowOf(machine, network, card, position) }
    const made = await this.#withMac(queries, machine.cluster, card.mac, position, values)
    if (network.dhcp && card.ip === undefined) return made
    await this.#address(queries, network.key, made, card.ip)
    return made
  }

  async #address(queries: Queries, networkKey: number, card: number, address: string | undefined): Promise<void> {
    const asked = address === undefined ? {} : { address }
    const ip = await this.#addresses.allocate(queries, { networkKey, owner: `nic/${card}`, ...asked })
    await queries.updateTable('machineNetworks').set({ ip }).where('key', '=', card).execute()
  }

  /** Inserts with the MAC asked for, or with one that nobody on the cluster has; the unique index decides. */
  async #withMac(
    queries: Queries,
    cluster: number,
    asked: string | undefined,
    position: number,
    values: { machineKey: number; networkKey: number; clusterKey: number; position: number; ip: null; domains: string },
  ): Promise<number> {
    let key: number | undefined
    const isTaken = async (mac: string): Promise<boolean> => {
      const row = await queries
        .insertInto('machineNetworks')
        .values({ ...values, mac })
        .onConflict((conflict) => conflict.columns(['clusterKey', 'mac']).doNothing())
        .returning('key')
        .executeTakeFirst()
      key = row?.key
      return key === undefined
    }
    const field = `networks[${position}].mac`
    if (asked === undefined) await pickMac(await this.#macRange(queries, cluster), this.#random, isTaken)
    else await isTaken(parseMac(asked, field))
    if (key !== undefined) return key
    throw new VirtkitError('CONFLICT', `The MAC address ${asked} is in use on this cluster.`, {
      details: { field },
      hint: 'Leave it out to have one made.',
    })
  }

  async #macRange(queries: Queries, clusterKey: number): Promise<typeof localMacRange> {
    const cluster = await queries.selectFrom('clusters').select('type').where('key', '=', clusterKey).executeTakeFirst()
    return this.#drivers.find((driver) => driver.name === cluster?.type)?.macRange ?? localMacRange
  }

  async #network(queries: Queries, cluster: number, key: number, position: number) {
    const network = await queries.selectFrom('networks').selectAll().where('key', '=', key).executeTakeFirst()
    if (!network) throw notFound('network', key)
    if (network.clusterKey === cluster) return network
    throw new VirtkitError('CONFLICT', `The network ${network.name} is not on the machine's cluster.`, {
      details: { field: `networks[${position}].network`, with: String(network.clusterKey) },
    })
  }

  /** Nobody reaches, by a card, a network that none of their groups was given. */
  async #requireGiven(network: number, by: By | undefined): Promise<void> {
    const groups = this.#access.groupsOf(this.#access.require(by, 'networks:read'))
    if (groups === 'all') return
    const given = await givenNetworks(this.#database.queries, groups).where('networkKey', '=', network).executeTakeFirst()
    if (!given) throw notFound('network', network)
  }

  async #take(queries: Queries, card: MachineNetwork): Promise<void> {
    await this.#addresses.release(queries, card.network, `nic/${card.key}`)
    await queries.deleteFrom('machineNetworks').where('key', '=', card.key).execute()
  }

  /** The machine, its version counted up, as nobody else changes it meanwhile: two cards that come at once get places of their own. */
  async #onPaper(queries: Queries, key: number, by: By | undefined): Promise<{ key: number; cluster: number }> {
    const groups = this.#access.groupsOf(this.#access.require(by, 'machines:write'))
    const row = await lockedMachineRow(queries, key)
    if (groups !== 'all' && !groups.includes(row.ownerKey)) throw notFound('machine', key)
    if (row.state === 'planned' || row.state === 'failed') return { key: row.key, cluster: row.clusterKey }
    throw new VirtkitError('CONFLICT', `The network cards of ${row.name} can only be changed before it is installed.`, {
      details: { field: 'state', with: row.state },
    })
  }

  async #changed(queries: Queries, machineKey: number): Promise<void> {
    await this.#events.append(queries, { type: 'machine.updated', subject: `machine/${machineKey}` })
  }
}

function rowOf(
  machine: { key: number; cluster: number },
  network: { key: number; zoneDomain: string | null },
  card: MachineNetworkInput,
  position: number,
) {
  return {
    machineKey: machine.key,
    networkKey: network.key,
    clusterKey: machine.cluster,
    position,
    ip: null,
    domains: JSON.stringify(card.domains ?? (network.zoneDomain ? [network.zoneDomain] : [])),
  }
}

export function toCard(row: CardRow): MachineNetwork {
  return {
    key: row.key,
    machine: row.machineKey,
    network: row.networkKey,
    position: row.position,
    mac: row.mac,
    domains: JSON.parse(row.domains) as string[],
    ...(row.ip === null ? {} : { ip: row.ip }),
  }
}
