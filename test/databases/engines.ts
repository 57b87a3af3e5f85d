export type Engine = 'sqlite' | 'postgres'

/** Titles by which a run counts what ran where (`test/tally-reporter.ts`). */
export const engineTitles: Readonly<Record<Engine, string>> = { sqlite: 'on SQLite', postgres: 'on PostgreSQL' }
