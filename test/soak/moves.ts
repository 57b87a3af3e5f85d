import type { Amount, Machine, Queries, Virtkit } from '@virtkit/core'
import type { Deployments } from './deploy-operation.ts'
import type { SoakNetwork, SoakWorld } from './job.ts'
import type { Answer, Move } from './journal.ts'
import type { Dice } from './seeded-random.ts'

/** Of each kind of move, how often it comes. */
export const weights: Readonly<Record<Move['kind'], number>> = {
  take: 26,
  give: 12,
  create: 14,
  'add-card': 3,
  'remove-card': 2,
  resize: 12,
  'change-owner': 3,
  deploy: 5,
  remove: 10,
  reserve: 6,
  settle: 4,
  cancel: 2,
  sweep: 1,
  'set-limits': 1,
}

/** A move that has been thrown: what will be done, whose contingents it may meet, and how to do it. */
export interface Thrown {
  readonly move: Move
  readonly act: () => Promise<Answer>
  /** A refusal of a contingent leaves this reservation out. */
  readonly keeps?: string
}

/** What the clients of one process know of machines; one may meet another's. */
export type Machines = Map<number, { readonly mine: string; cards: readonly number[] }>

interface Parts {
  readonly kit: Virtkit
  readonly world: SoakWorld
  readonly dice: Dice
  readonly deployments: Deployments
  readonly machines: Machines
  /** `2.7`: the place, which a successor takes when we are killed; what it has, it has then. */
  readonly place: string
  readonly unique: () => string
}

/** Throws the dice for one client, through the public API only. */
export class Moves {
  readonly #parts: Parts
  readonly #promises = new Map<string, { readonly group: number; readonly until: number }>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  throw(): Thrown {
    const kind = this.#parts.dice.draw(weights)
    if (kind === 'take') return this.#take()
    if (kind === 'give') return this.#give()
    if (kind === 'create') return this.#create()
    if (kind === 'reserve') return this.#reserve()
    if (kind === 'settle' || kind === 'cancel') return this.#endPromise(kind)
    if (kind === 'sweep')
      return { move: { kind }, act: () => this.#inTransaction((queries) => this.#parts.kit.contingents.sweep(queries)) }
    if (kind === 'set-limits') return this.#setLimits()
    const key = this.#machine()
    return key === undefined ? this.#create() : this.#withMachine(kind, key)
  }

  #take(): Thrown {
    const { kit, dice } = this.#parts
    const network = this.#network()
    const owner = this.#owner()
    const until = dice.chance(0.45) ? Date.now() + dice.between(200, 3000) : undefined
    const asked = network.asked.length > 0 && dice.chance(0.35) ? dice.pick(network.asked) : undefined
    const request = {
      networkKey: network.key,
      owner,
      ...(until === undefined ? {} : { holdUntil: until }),
      ...(asked === undefined ? {} : { address: asked }),
    }
    const move = {
      kind: 'take' as const,
      network: network.key,
      owner,
      ...(until === undefined ? {} : { until }),
      ...(asked === undefined ? {} : { asked }),
    }
    const act = async (): Promise<Answer> => ({
      address: await kit.database.transaction((queries) => kit.addresses.allocate(queries, request)),
    })
    return { move, act }
  }

  #give(): Thrown {
    const { kit } = this.#parts
    const { key } = this.#network()
    const owner = this.#owner()
    const act = (): Promise<Answer> => this.#inTransaction((queries) => kit.addresses.release(queries, key, owner))
    return { move: { kind: 'give', network: key, owner }, act }
  }

  #create(): Thrown {
    const { kit, world, dice, machines, place, unique } = this.#parts
    const cards = Array.from({ length: dice.between(0, 2) }, () => ({
      network: dice.chance(0.1) ? world.dhcp : this.#network().key,
    }))
    // In order of key, as whoever allocates on several networks does.
    const networks = cards.toSorted((a, b) => a.network - b.network)
    const act = async (): Promise<Answer> => {
      const name = `m${place.replace('.', '-')}-${unique()}`
      const input = {
        name,
        owner: dice.pick(world.groups),
        cluster: world.cluster,
        os: 'soak-1',
        ...this.#size(),
        networks,
      }
      const machine = await kit.machines.create(input)
      machines.set(machine.key, { mine: place, cards: machine.networks.map((card) => card.key) })
      return { machine: toldOf(machine) }
    }
    return { move: { kind: 'create' }, act }
  }

  #withMachine(kind: 'add-card' | 'remove-card' | 'resize' | 'change-owner' | 'deploy' | 'remove', key: number): Thrown {
    const { kit, world, dice, deployments, machines } = this.#parts
    const known = machines.get(key)!
    if (kind === 'add-card') {
      const network = this.#network().key
      const act = async (): Promise<Answer> => {
        const card = await kit.machineNetworks.add(key, { network })
        known.cards = [...known.cards, card.key]
        return { card: cardOf(card) }
      }
      return { move: { kind, machine: key }, act }
    }
    if (kind === 'remove-card') {
      const card = known.cards.at(-1)
      if (card === undefined) return this.#withMachine('add-card', key)
      const act = async (): Promise<Answer> => {
        await kit.machineNetworks.remove(card)
        known.cards = known.cards.filter((each) => each !== card)
        return {}
      }
      return { move: { kind, card }, act }
    }
    const move = { kind, machine: key }
    if (kind === 'resize')
      return { move, act: async () => ({ machine: toldOf(await kit.machines.update(key, this.#size())) }) }
    if (kind === 'change-owner') {
      const owner = dice.pick(world.groups)
      return { move, act: async () => ({ machine: toldOf(await kit.machines.update(key, { owner })) }) }
    }
    const act = async (): Promise<Answer> => {
      const { id } = kind === 'deploy' ? await deployments.start(key) : await kit.machines.remove(key)
      const { state, error } = await kit.operations.wait(id)
      if (kind === 'remove' && state === 'succeeded') machines.delete(key)
      if (error) throw error
      return { operation: { id, state } }
    }
    return { move, act }
  }

  #reserve(): Thrown {
    const { kit, world, dice, place } = this.#parts
    const index = dice.between(0, 1)
    const owner = `soak/${place}.${index}`
    const groupKey = world.groups[(place.charCodeAt(0) + place.charCodeAt(2) + index) % world.groups.length]!
    const expiresAt = Date.now() + dice.between(300, 2500)
    const amount = { vm: dice.between(0, 1), cpu: dice.between(1, 4), memory: dice.between(1, 8) * 256, disk: 0 }
    const act = async (): Promise<Answer> => {
      await kit.database.transaction((queries) => kit.contingents.reserve(queries, { groupKey, owner, amount, expiresAt }))
      this.#promises.set(owner, { group: groupKey, until: expiresAt })
      return {}
    }
    return { move: { kind: 'reserve', owner, until: expiresAt }, act, keeps: owner }
  }

  /** Uses a promise: a machine on paper gets one more cpu, charged against it in the same transaction. Or lets it go. */
  #endPromise(kind: 'settle' | 'cancel'): Thrown {
    const { kit } = this.#parts
    const [owner, promise] = [...this.#promises].at(-1) ?? []
    if (owner === undefined || promise === undefined || promise.until < Date.now()) return this.#reserve()
    this.#promises.delete(owner)
    if (kind === 'cancel') {
      return { move: { kind, owner }, act: () => this.#inTransaction((queries) => kit.contingents.release(queries, owner)) }
    }
    const amount: Amount = { vm: 0, cpu: 1, memory: 0, disk: 0 }
    const act = (): Promise<Answer> =>
      this.#inTransaction(async (queries) => {
        const some = await queries
          .selectFrom('machines')
          .select(['key', 'version'])
          .where('ownerKey', '=', promise.group)
          .where('state', '=', 'planned')
          .orderBy('key')
          .executeTakeFirst()
        // As the kit does: the machine is held fast before the contingent, and grows when that is held as well.
        const held = await queries
          .updateTable('machines')
          .set((set) => ({ version: set('version', '+', 1) }))
          .where('key', '=', some?.key ?? 0)
          .where('version', '=', some?.version ?? 0)
          .where('state', '=', 'planned')
          .executeTakeFirst()
        await kit.contingents.settle(queries, owner, promise.group, amount)
        // Nothing to grow, or too late for the promise to hold: then nothing has happened.
        if (held.numUpdatedRows !== 1n || promise.until < Date.now()) throw new NotThisTime()
        await queries
          .updateTable('machines')
          .set((set) => ({ cpus: set('cpus', '+', 1) }))
          .where('key', '=', some?.key ?? 0)
          .execute()
      })
    return { move: { kind, owner }, act }
  }

  #setLimits(): Thrown {
    const { kit, world, dice } = this.#parts
    const group = dice.pick(world.groups)
    const act = async (): Promise<Answer> => {
      await kit.contingents.set(group, limitsOf(dice))
      return {}
    }
    return { move: { kind: 'set-limits' }, act }
  }

  #size(): { cpus: number; memoryMiB: number; diskMiB: number } {
    const { dice } = this.#parts
    return { cpus: dice.between(1, 4), memoryMiB: dice.between(1, 8) * 256, diskMiB: dice.between(1, 6) * 1024 }
  }

  #network(): SoakNetwork {
    return this.#parts.dice.pick(this.#parts.world.networks)
  }

  #owner(): string {
    return `soak/${this.#parts.place}.${this.#parts.dice.between(0, 2)}`
  }

  /** One of its own, mostly. */
  #machine(): number | undefined {
    const { dice, machines, place } = this.#parts
    const all = [...machines]
    const mine = dice.chance(0.15) ? all : all.filter(([, machine]) => machine.mine === place)
    return mine.length === 0 ? undefined : dice.pick(mine)[0]
  }

  async #inTransaction(work: (queries: Queries) => Promise<unknown>): Promise<Answer> {
    await this.#parts.kit.database.transaction(work)
    return {}
  }
}

/** A transaction that took itself back. */
export class NotThisTime extends Error {}

/** Tight on purpose: a good share of what is asked is refused, now in one dimension, now in another. */
export function limitsOf(dice: Dice): Amount {
  return {
    vm: dice.between(6, 14),
    cpu: dice.between(18, 34),
    memory: dice.between(8, 15) * 1024,
    disk: dice.between(24, 45) * 1024,
  }
}

function toldOf(machine: Machine): NonNullable<Answer['machine']> {
  const { key, version, cpus, memoryMiB, diskMiB } = machine
  return { key, version, size: `${cpus} ${memoryMiB} ${diskMiB}`, cards: machine.networks.map(cardOf) }
}

function cardOf(card: Machine['networks'][number]): NonNullable<Answer['card']> {
  const { key, network, mac, ip } = card
  return { key, network, mac, ...(ip === undefined ? {} : { ip }) }
}
