import type { BenchDatabase } from './bench-database.ts'

export type Engine = 'sqlite' | 'postgres'

/** One line of the table. */
export interface Row {
  readonly figure: string
  /** `-` where no database matters. */
  readonly engine: Engine | '-'
  /** `99.9 % full, 64 clients`. */
  readonly setting: string
  readonly value: number
  /** `/s`, `ms`, `MiB`, `commits`. */
  readonly unit: string
  /** What the value is held against: the same unit, measured in the same run. */
  readonly limit?: number
  /** Of value to limit. Where they were measured in pairs, the median of the pairs' ratios. */
  readonly ratio?: number
  readonly target?: Target
  readonly note?: string
  /** What to know when the target is missed. */
  readonly whenMissed?: string
}

export interface Target {
  readonly atLeast?: number
  readonly atMost?: number
  readonly of: 'ratio' | 'value'
}

/** Something that we publish: `npm run bench -- <name>` runs it alone. */
export interface Figure {
  readonly name: string
  /** Left out: on both. Empty: it has nothing to do with a database. */
  readonly engines?: readonly Engine[]
  /** What it is measured beside and this machine has not; then it answers no rows. */
  lacks?(): string | undefined
  run(context: BenchContext): Promise<Row[]>
}

export interface BenchContext {
  readonly engines: readonly Engine[]
  /** Shows that the figure comes out, quickly; the numbers mean nothing. */
  readonly quick: boolean
  /** Connections of each process to PostgreSQL. */
  readonly poolSize: number
  /** An empty database of this figure's own; it is removed when it is disposed of. */
  database(engine: Engine): Promise<BenchDatabase>
  report(progress: string): void
}

/** True where there is no target. */
export function meetsTarget(row: Row): boolean {
  if (!row.target) return true
  const { atLeast = -Infinity, atMost = Infinity, of } = row.target
  const measured = of === 'ratio' ? (row.ratio ?? Number.NaN) : row.value
  return measured >= atLeast && measured <= atMost
}
