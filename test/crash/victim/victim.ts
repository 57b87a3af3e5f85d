import type { Virtkit } from '@virtkit/core'
import { type Clock, type InstallDesk, toVirtkitError } from '@virtkit/spi'
import { scenarioNamed } from '../scenarios/scenarios.ts'
import { clockOf, longLeaseMs, shortLeaseMs } from './fast-clock.ts'
import type { Job, Order, Word } from './messages.ts'
import { openKit } from './open-kit.ts'
import { SideEffects } from './side-effects.ts'
import { watchedPostgres } from './watched-postgres.ts'
import { watchedSqlite } from './watched-sqlite.ts'

// A process that is killed. It waits for its job, does it, and is gone at the job's point; or it tells what it did.

const say = (word: Word): Promise<void> => new Promise((told) => process.send!(word, () => told()))
let kit: Virtkit | undefined
let desk: InstallDesk | undefined
let clock: Clock | undefined

process.on('message', (order: Order) => {
  if (order.type === 'job') void work(order.job)
  else void pass(order)
})
// Whoever started us is gone.
process.on('disconnect', () => process.exit(1))

async function work(job: Job): Promise<void> {
  const effects = new SideEffects(job.point)
  clock = clockOf(job.generation)
  try {
    const scenario = scenarioNamed(job.scenario)
    kit = await openKit({
      database:
        'sqlite' in job.database
          ? watchedSqlite(job.database.sqlite, effects)
          : watchedPostgres(job.database.postgres, effects),
      simulator: job.simulator,
      origin: job.origin,
      clock,
      leaseMs: typeof scenario.world === 'string' ? longLeaseMs : shortLeaseMs,
      effects,
      onDesk: (opened) => {
        desk = opened
      },
    })
    void say({ type: 'desk-open' })
    await scenario.ask(kit)
    await say({ type: 'done', effects: effects.seen })
  } catch (cause) {
    const { code, message } = toVirtkitError(cause)
    await say({ type: 'done', effects: effects.seen, code, message })
  }
  process.exit(0)
}

/** Guests report when the operation waits for them: so the side effects come in the same order every time. */
async function pass({ id, token, report }: Extract<Order, { type: 'report' }>): Promise<void> {
  while (!(await isWaiting())) await new Promise((resolve) => setTimeout(resolve, 2))
  const taken = await desk!.report(token, report)
  await say({ type: 'reported', id, taken })
}

async function isWaiting(): Promise<boolean> {
  if (!kit || !clock) return false
  const soon = clock.now() + 60_000
  const atWork = await kit.database.queries
    .selectFrom('operations')
    .select('id')
    .where('endedAt', 'is', null)
    .where((where) => where.or([where('leaseOwner', 'is not', null), where('wakeAt', '<=', soon)]))
    .executeTakeFirst()
  return atWork === undefined
}
