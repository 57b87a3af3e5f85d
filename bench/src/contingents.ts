import type { BenchContext, Engine, Figure, Row } from './figure.ts'
import type { Side } from './pairs.ts'
import { type Crowd, type Stage, crowdName, crowdsOf, openStage, rowOf } from './stage.ts'

/** Reservations per second, beside one durable insert each into a bare table with the same keys. */
export const contingents: Figure = {
  name: 'contingents',
  async run(context) {
    const rows: Row[] = []
    for (const engine of context.engines) rows.push(...(await onEngine(context, engine)))
    return rows
  },
}

const plenty = 1_000_000_000
const callsPerBurst = 64

async function onEngine(context: BenchContext, engine: Engine): Promise<Row[]> {
  await using stage = await openStage(context, engine)
  const figure = 'contingents'
  const target = { atLeast: 0.6, of: 'ratio' } as const
  const groups: number[] = []
  const rows: Row[] = []
  for (const many of context.quick ? [1, 3] : [1, 100]) {
    while (groups.length < many) groups.push(await addGroup(stage, groups.length))
    for (const crowd of crowdsOf(context)) {
      const setting = `${many} ${many === 1 ? 'contingent' : 'contingents'}, ${crowdName(crowd)}`
      const row = await rowOf({ figure, engine, setting, target }, async () =>
        stage.measure(await reserving(stage, groups, crowd), await inserting(stage, groups, crowd)),
      )
      rows.push(row)
      context.report(`${figure}, ${engine}: ${setting}: ${row.ratio?.toFixed(2)}`)
    }
  }
  return rows
}

async function addGroup({ kit }: Stage, index: number): Promise<number> {
  const { key } = await kit.groups.add({ name: `group-${index}` })
  await kit.contingents.set(key, { vm: plenty, cpu: plenty, memory: plenty, disk: plenty })
  return key
}

async function reserving(stage: Stage, subjects: readonly number[], { processes, clients }: Crowd): Promise<Side> {
  const { kit, bare } = stage
  const crew = await stage.crew(processes)
  return {
    burst: () => crew.burst({ work: 'reserve', subjects, clients, calls: callsPerBurst }),
    check: async (calls) => {
      const [found] = await bare.prepare('select count(*) as many from contingent_reservations')([])
      if (Number(found?.many) !== calls)
        throw new Error(`clients were told of ${calls} reservations, and there are ${String(found?.many)}`)
      const drift = await kit.contingents.verify()
      if (drift.length > 0) throw new Error(`contingents differ from their reservations: ${JSON.stringify(drift[0])}`)
    },
    putBack: async () => {
      await bare.script('update contingent_reservations set expires_at = 1')
      await kit.database.transaction((queries) => kit.contingents.sweep(queries))
    },
  }
}

async function inserting(stage: Stage, subjects: readonly number[], { processes, clients }: Crowd): Promise<Side> {
  const crew = await stage.crew(processes)
  return {
    burst: () => crew.burst({ work: 'insertReservation', subjects, clients, calls: callsPerBurst }),
    putBack: () => stage.bare.script('delete from bare_reservations'),
  }
}
