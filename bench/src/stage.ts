import type { Virtkit } from '@virtkit/core'
import { type BareConnection, connect } from './bare-connection.ts'
import { bareTables } from './client-work.ts'
import { Crew } from './crew.ts'
import type { BenchContext, Engine, Row } from './figure.ts'
import { openKit } from './open-kit.ts'
import { type PairResult, type Side, measurePairs } from './pairs.ts'

/** How many processes, with how many clients each. */
export interface Crowd {
  readonly processes: number
  readonly clients: number
}

/** What is set up once per engine, for figures that count calls of many clients. */
export interface Stage extends AsyncDisposable {
  readonly engine: Engine
  readonly kit: Virtkit
  readonly bare: BareConnection
  /** Processes are kept: the next setting with as many finds them warm. */
  crew(processes: number): Promise<Crew>
  measure(side: Side, limit: Side): Promise<PairResult>
}

export async function openStage(context: BenchContext, engine: Engine): Promise<Stage> {
  await using opening = new AsyncDisposableStack()
  const database = opening.use(await context.database(engine))
  const bare = opening.use(connect(database.location, context.poolSize))
  const kit = opening.use(await openKit(bare))
  await bare.script(bareTables)
  const crews = new Map<number, Crew>()
  const open = opening.move()
  const how = context.quick ? { rounds: 1, sliceMs: 40 } : { rounds: 5, sliceMs: 300 }
  return {
    engine,
    kit,
    bare,
    crew: async (processes) => {
      const known = crews.get(processes) ?? open.use(await Crew.start(processes, database.location, context.poolSize))
      crews.set(processes, known)
      return known
    },
    measure: (side, limit) => measurePairs(side, limit, how),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

export function crowdsOf({ quick }: BenchContext): readonly Crowd[] {
  if (quick) return [alone, { processes: 2, clients: 4 }]
  return [alone, { processes: 1, clients: 64 }, { processes: 4, clients: 16 }]
}
const alone: Crowd = { processes: 1, clients: 1 }

/** `64 clients`, `4 × 16 clients`. */
export function crowdName({ processes, clients }: Crowd): string {
  if (processes > 1) return `${processes} × ${clients} clients`
  return clients === 1 ? '1 client' : `${clients} clients`
}

/** A row; where measuring failed, one that says so and meets no target. */
export async function rowOf(row: Omit<Row, 'value' | 'unit'>, measure: () => Promise<PairResult>): Promise<Row> {
  try {
    return { ...row, unit: '/s', ...(await measure()) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ...row, unit: '/s', value: 0, limit: 0, ratio: 0, note: `void: ${why}` }
  }
}
