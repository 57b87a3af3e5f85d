import { type Virtkit, isVirtkitError } from '@virtkit/core'
import { once } from 'node:events'
import { sql } from 'kysely'
import { lazyHypervisor, openClientKit } from './client-kit.ts'
import { registerDeployments } from './deploy-operation.ts'
import type { Job, Order, Told } from './job.ts'
import { JournalWriter, type Refusal } from './journal.ts'
import { type Machines, Moves, NotThisTime, type Thrown } from './moves.ts'
import { Dice } from './seeded-random.ts'

// A process of its own with one kit and many clients, each making one random move after the other until it is told to stop, or
// killed. It says nothing that is not in its journal already.

// Whoever started us is gone: nobody would ever tell us to stop.
process.on('disconnect', () => process.exit(1))
const [order] = (await once(process, 'message')) as [Order]
if (!('job' in order)) throw new Error('a client is told its job first')
const { job } = order
let stopping = false
process.on('message', (next: Order) => {
  if ('stop' in next) stopping = true
})

const seed = job.seed * 1000 + job.slot * 100 + job.generation
const journal = new JournalWriter(job.journal)
const chance = new Dice(seed + 7)
const kit = await openClientKit({ ...job, random: chance.next })
const hypervisor = lazyHypervisor(job.world.simulator)
const deployments = registerDeployments(kit, hypervisor)
const machines = await machinesOf(kit, job)
let done = 0
const told = setInterval(() => process.send!({ done } satisfies Told), 100)

await Promise.all(Array.from({ length: job.clients }, (_, client) => play(client)))
clearInterval(told)
await kit.close()
await (await hypervisor())[Symbol.asyncDispose]()
journal.close()
process.send!({ done } satisfies Told, () => process.exit(0))

async function play(client: number): Promise<void> {
  const dice = new Dice(seed * 100 + client)
  const place = `${job.slot}.${client}`
  let count = 0
  const unique = (): string => `${job.generation}-${count}`
  const moves = new Moves({ kit, world: job.world, dice, deployments, machines, place, unique })
  while (!stopping) {
    const thrown = moves.throw()
    const id = `${place}.${job.generation}.${(count += 1)}`
    const from = await heads()
    journal.begin(id, thrown.move)
    try {
      journal.end(id, { answer: await thrown.act() })
    } catch (error) {
      journal.end(id, { refusal: await refusalOf(error, thrown, from) })
    }
    done += 1
  }
}

async function refusalOf(error: unknown, thrown: Thrown, from: ReadonlyMap<number, number>): Promise<Refusal> {
  if (error instanceof NotThisTime) return { code: 'NOT_THIS_TIME', message: '' }
  if (!isVirtkitError(error)) return { code: 'NONE', message: error instanceof Error ? `${error.stack}` : String(error) }
  const { code, message } = error
  if (!isVirtkitError(error, 'CONTINGENT_EXCEEDED')) return { code, message }
  const { group, blocking } = error.details
  const to = (await heads()).get(group) ?? 0
  const { keeps } = thrown
  return {
    code,
    message,
    contingent: { group, blocking, from: from.get(group) ?? 0, to, ...(keeps === undefined ? {} : { keeps }) },
  }
}

/** The last fact of each group that is committed by now. */
async function heads(): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ group: number; seq: number | null }>`
    select c.group_key as "group", (select max(seq) from soak_facts f where f.group_key = c.group_key) as seq
    from contingents c`.execute(kit.database.queries)
  return new Map(rows.map(({ group, seq }) => [group, seq ?? 0]))
}

/** What those before us in this place have made, and left. */
async function machinesOf(from: Virtkit, { slot }: Job): Promise<Machines> {
  const found: Machines = new Map()
  for (let after = 0; ;) {
    const page = await from.machines.list({ after, limit: 1000 })
    for (const { key, name, networks } of page) {
      const [, place, client] = /^m(\d+)-(\d+)-/.exec(name) ?? []
      if (Number(place) === slot) found.set(key, { mine: `${slot}.${client}`, cards: networks.map((card) => card.key) })
    }
    const last = page.at(-1)
    if (!last || page.length < 1000) return found
    after = last.key
  }
}
