import { type Call, type Hypervisor, type MachineInfo, type VirtkitError, notFound, toVirtkitError } from '@virtkit/spi'
import type { By } from '../access/actor.ts'
import { conflict, explainClash } from '../access/clash.ts'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Queries } from '../database/database.ts'
import { adoptNetworks } from '../networks/adopt-networks.ts'
import type { OperationOf } from '../operations/operation-definition.ts'
import { type ImportOfMachine, importMachine } from './import-machine.ts'
import {
  addressesOfCards,
  diskMiBOf,
  isImportable,
  parseImport,
  refusalOf,
  toImportable,
  unknownSystem,
} from './import-rules.ts'
import type { ImportInput, ImportableMachine } from './machine-imports.ts'
import { markOf } from './machine-rules.ts'
import { putOnPaper } from './put-on-paper.ts'
import type { MachineParts } from './sql-machines.ts'

/** A page is in memory whole, with all devices of its machines. */
const pageSize = 100
/** How long a whole inventory may take, and what one guest may take to tell its addresses. */
const inventoryMs = 600_000
const guestMs = 30_000

/** One machine, put on paper or refused; `operation` is what brings it to an end. */
type Accepted = { readonly name: string; readonly key: number; readonly operation?: string; readonly isNew: boolean }
type Refused = { readonly name: string; readonly error: VirtkitError }

/** Takes machines over that a cluster has: each on paper first, then marked by an operation of its own. */
export class SqlMachineImports {
  readonly #parts: MachineParts
  readonly #definition: OperationOf<ImportOfMachine>

  constructor(parts: MachineParts) {
    this.#parts = parts
    this.#definition = importMachine(parts)
    parts.operations.register(this.#definition)
  }

  async import(
    clusterKey: number,
    input: ImportInput,
    by: By | undefined,
  ): Promise<readonly (Refused | { readonly name: string; readonly key: number; readonly isNew: boolean })[]> {
    const { access, clusters, operations } = this.#parts
    const groups = access.groupsOf(access.require(by, 'machines:import'))
    const { names, owner } = parseImport(input)
    if (groups !== 'all' && !groups.includes(owner)) throw notFound('user group', owner)
    await clusters.get(clusterKey, by)
    const call = { signal: AbortSignal.timeout(inventoryMs) }
    const accepted = await onHypervisor(this.#parts.connections, clusterKey, call, async (hypervisor) => {
      const results: (Accepted | Refused)[] = []
      for (const [name, found] of await look(hypervisor, names, call)) {
        results.push(await this.#accept(hypervisor, { clusterKey, owner, name, found }))
      }
      return results
    })
    return Promise.all(
      accepted.map(async (each) => {
        if (!('operation' in each) || each.operation === undefined) return each
        const { error } = await operations.wait(each.operation)
        return error ? { name: each.name, error } : each
      }),
    )
  }

  async listImportable(clusterKey: number, by?: By): Promise<readonly ImportableMachine[]> {
    const { access, clusters, connections } = this.#parts
    access.require(by, 'machines:import')
    await clusters.get(clusterKey, by)
    const call = { signal: AbortSignal.timeout(inventoryMs) }
    return onHypervisor(connections, clusterKey, call, async ({ inventory }) => {
      const found: ImportableMachine[] = []
      for await (const page of inventory.machines({ pageSize }, call)) {
        found.push(...page.filter(isImportable).map(toImportable))
      }
      return found
    })
  }

  async #accept(
    hypervisor: Hypervisor,
    asked: { clusterKey: number; owner: number; name: string; found: readonly MachineInfo[] },
  ): Promise<Accepted | Refused> {
    const { clusterKey, owner, name, found } = asked
    const { database, installation } = this.#parts
    try {
      const [info] = found
      const known = info && found.length === 1 ? await this.#known(clusterKey, info, owner) : undefined
      if (known) return known
      const refusal = refusalOf(name, found, markOf(installation, ''))
      if (refusal) throw refusal
      const addresses = await reportedAddresses(hypervisor, info!)
      const write = database.transaction((queries) => this.#adopt(queries, clusterKey, owner, info!, addresses))
      return await explainClash(write, {
        unique: (cause) =>
          conflict(`${name} is on paper already, or another machine of that name is.`, { with: name }, cause),
      })
    } catch (error) {
      return { name, error: toVirtkitError(error) }
    }
  }

  /** A machine that was taken over before; how far that has come is its operation's. */
  async #known(clusterKey: number, info: MachineInfo, owner: number): Promise<Accepted | undefined> {
    const { database, operations } = this.#parts
    const row = await database.queries
      .selectFrom('machines')
      .select(['key', 'name', 'ownerKey', 'state'])
      .where('clusterKey', '=', clusterKey)
      .where('ref', '=', info.ref)
      .executeTakeFirst()
    if (!row) return undefined
    if (row.ownerKey !== owner) throw conflict(`${info.name} is ours already, and another group's.`, { field: 'owner' })
    const known = { name: info.name, key: row.key, isNew: false }
    if (row.state !== 'importing') return known
    const [underWay] = await operations.list({ subject: `machine/${row.key}`, ended: false })
    return underWay ? { ...known, operation: underWay.id } : known
  }

  async #adopt(
    queries: Queries,
    clusterKey: number,
    owner: number,
    info: MachineInfo,
    addresses: readonly string[],
  ): Promise<Accepted> {
    const { events, ids, installation, machineNetworks, operations } = this.#parts
    const key = await putOnPaper(this.#parts, queries, {
      name: info.name,
      ownerKey: owner,
      clusterKey,
      os: unknownSystem,
      cpus: info.cpus,
      memoryMiB: info.memoryMiB,
      diskMiB: diskMiBOf(info),
      datastore: info.disks[0]?.datastore ?? 'auto',
      placedDatastore: info.disks[0]?.datastore ?? null,
      provisioning: info.disks[0]?.provisioning ?? 'thin',
      firmware: info.firmware,
      state: 'importing',
      ref: info.ref,
      // A mark of ours without a row is what was forgotten here while its hypervisor was away: it is taken up again.
      mark: info.key ?? markOf(installation, ids()),
    })
    const names = info.nics.map((nic) => nic.network)
    const networks = new Map((await adoptNetworks({ events }, queries, clusterKey, names)).map((each) => [each.name, each]))
    const known = names.map((name) => networks.get(name)!)
    const ips = addressesOfCards(known, addresses)
    const cards = info.nics.map(({ mac }, index) => ({
      network: known[index]!.key,
      mac,
      ...(ips[index] === undefined ? {} : { ip: ips[index] }),
    }))
    await machineNetworks.adopt(queries, { key, cluster: clusterKey }, cards)
    const request = { input: { machine: key }, subject: `machine/${key}`, group: owner, cluster: clusterKey }
    const operation = await operations.submit(queries, this.#definition, request)
    return { name: info.name, key, operation: operation.id, isNew: true }
  }
}

/** The machines asked for, by name and in the order asked; the whole inventory is gone through once, a page at a time. */
async function look(
  { inventory }: Hypervisor,
  names: ImportInput['names'],
  call: Call,
): Promise<readonly (readonly [string, readonly MachineInfo[]])[]> {
  const found = new Map<string, MachineInfo[]>(names === 'all' ? [] : names.map((name) => [name, []]))
  for await (const page of inventory.machines({ pageSize }, call)) {
    for (const info of page) {
      const isAsked = names === 'all' ? isImportable(info) : found.has(info.name)
      if (isAsked) found.set(info.name, [...(found.get(info.name) ?? []), info])
    }
  }
  return [...found]
}

async function reportedAddresses({ guest }: Hypervisor, info: MachineInfo): Promise<readonly string[]> {
  if (info.power !== 'on' || !guest) return []
  return guest.addresses(info.ref, { signal: AbortSignal.timeout(guestMs) })
}
