import type { Operation, Operations, Queries, Virtkit } from '@virtkit/core'
import { type Hypervisor, VirtkitError } from '@virtkit/spi'
import { sql } from 'kysely'

type Definition = Parameters<Operations['register']>[0]
type Step = Definition['steps'][number]

interface Input {
  readonly machine: number
}

/**
 * A machine on paper comes to the hypervisor, without an installation: the cheapest durable operation that has a side effect
 * outside, an effect in the database, and something to undo.
 */
export class Deployments {
  readonly #kit: Virtkit
  readonly #definition: Definition

  /** `inStep` is told when a machine has been made and not yet been written down; it may take its time. */
  constructor(kit: Virtkit, hypervisor: () => Promise<Hypervisor>, inStep: (id: string) => Promise<void> = async () => {}) {
    this.#kit = kit
    const make = {
      name: 'make',
      percent: 50,
      run: async ({ operationId, input, call }: { operationId: string; input: Input; call: { signal: AbortSignal } }) => {
        const row = await this.#row(kit.database.queries, input.machine)
        const cards = await kit.machineNetworks.of(kit.database.queries, [row.key])
        const networks = await Promise.all(cards.map((card) => kit.networks.get(card.network)))
        const spec = {
          name: row.name,
          cpus: row.cpus,
          memoryMiB: row.memoryMiB,
          firmware: row.firmware,
          disks: [{ sizeMiB: row.diskMiB, provisioning: row.provisioning }],
          nics: cards.map((card, index) => ({ network: networks[index]!.name, mac: card.mac })),
          placement: {},
        }
        const { machines } = await hypervisor()
        const { ref } = await machines.create(spec, { ...call, key: row.mark })
        await inStep(operationId)
        const commit = async (queries: Queries): Promise<void> => {
          await this.#change(queries, row, { ref, state: 'deployed' })
          await sql`insert into soak_effects (operation) values (${operationId})`.execute(queries)
        }
        return { output: {}, commit }
      },
      undo: async ({ input, call }: { input: Input; call: { signal: AbortSignal } }) => {
        const { mark } = await this.#row(kit.database.queries, input.machine)
        const { machines } = await hypervisor()
        const left = await machines.findByKey(mark, call)
        if (left) await machines.destroy({ ref: left.ref, key: mark }, call)
      },
    }
    const check = {
      name: 'check',
      percent: 100,
      run: async ({ input, call }: { input: Input; call: { signal: AbortSignal } }) => {
        const { mark } = await this.#row(kit.database.queries, input.machine)
        const { machines } = await hypervisor()
        if (await machines.findByKey(mark, call)) return { output: {} }
        throw new Error(`machine ${input.machine} has been made and is not there`)
      },
    }
    this.#definition = {
      kind: 'soak-deploy',
      steps: [make, check] as unknown as readonly Step[],
      end: async (queries, { input, state }) => {
        if (state === 'succeeded') return
        const { machine } = input as Input
        await queries
          .updateTable('machines')
          .set((set) => ({ state: 'planned', ref: null, version: set('version', '+', 1) }))
          .where('key', '=', machine)
          .execute()
      },
    }
    kit.operations.register(this.#definition)
  }

  /** Throws `CONFLICT` for a machine that is not on paper. */
  async start(key: number): Promise<Operation> {
    const { database, operations } = this.#kit
    return database.transaction(async (queries) => {
      const row = await this.#row(queries, key)
      if (row.state !== 'planned') throw busy(row.name, row.state)
      const accepted = await operations.submit(queries, this.#definition, {
        input: { machine: key },
        subject: `machine/${key}`,
        group: row.ownerKey,
        cluster: row.clusterKey,
      })
      await this.#change(queries, row, { state: 'installing' })
      return accepted
    })
  }

  /** Nothing when the machine has changed since it was read: then what was made of it is not it. */
  async #change(queries: Queries, row: { key: number; name: string; version: number }, change: object): Promise<void> {
    const result = await queries
      .updateTable('machines')
      .set((set) => ({ ...change, version: set('version', '+', 1) }))
      .where('key', '=', row.key)
      .where('version', '=', row.version)
      .executeTakeFirst()
    if (result.numUpdatedRows !== 1n) throw busy(row.name, 'changed')
  }

  async #row(queries: Queries, key: number) {
    const row = await queries.selectFrom('machines').selectAll().where('key', '=', key).executeTakeFirst()
    if (row) return row
    throw new VirtkitError('NOT_FOUND', `There is no machine ${key}.`, { details: { what: 'machine', id: String(key) } })
  }
}

/** Makes the operation known to a kit, which can carry it out from then on. */
export function registerDeployments(...parts: ConstructorParameters<typeof Deployments>): Deployments {
  return new Deployments(...parts)
}

function busy(name: string, state: string): VirtkitError {
  return new VirtkitError('CONFLICT', `${name} is ${state}.`, { details: { field: 'state', with: state } })
}
