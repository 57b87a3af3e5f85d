import { AddressPools, type Fill, fillNames, leftInAlmost } from './address-pools.ts'
import type { CrewBurst } from './crew.ts'
import type { BenchContext, Engine, Figure, Row } from './figure.ts'
import type { Side } from './pairs.ts'
import { type Crowd, type Stage, crowdName, crowdsOf, openStage, rowOf } from './stage.ts'

/** Addresses handed out per second, beside one durable insert each into a bare table with the same keys. */
export const addresses: Figure = {
  name: 'addresses',
  async run(context) {
    const rows: Row[] = []
    for (const engine of context.engines) rows.push(...(await onEngine(context, engine)))
    return rows
  },
}

async function onEngine(context: BenchContext, engine: Engine): Promise<Row[]> {
  await using stage = await openStage(context, engine)
  const pools = new AddressPools(stage.kit, stage.bare)
  const crowds = crowdsOf(context)
  const filled: Record<Fill, number> = {
    empty: await pools.add('empty'),
    half: await pools.add('half'),
    almost: await pools.add('almost'),
  }
  const figure = 'addresses'
  const rows: Row[] = []
  const add = (row: Row): void => {
    rows.push(row)
    context.report(`${figure}, ${engine}: ${row.setting}: ${row.ratio?.toFixed(2)}`)
  }
  /** Ours beside the bare insert, on the same networks. */
  const beside = (setting: string, networks: readonly number[], crowd: Crowd, more: Partial<Row> = {}): Promise<Row> =>
    rowOf({ figure, engine, setting, ...more }, async () =>
      stage.measure(await taking(stage, pools, networks, crowd), await inserting(stage, networks, crowd)),
    )

  for (const crowd of crowds) {
    for (const fill of ['empty', 'half', 'almost'] as const) {
      const target = { atLeast: crowd.processes * crowd.clients === 1 ? 0.7 : 0.6, of: 'ratio' } as const
      add(
        await beside(`${fillNames[fill]} full, ${crowdName(crowd)}`, [filled[fill]], crowd, {
          target,
          whenMissed: pages[engine],
        }),
      )
    }
  }
  for (const crowd of crowds) {
    const setting = `99.9 % beside 0 % full, ${crowdName(crowd)}`
    const target = { atLeast: 0.8, of: 'ratio' } as const
    const note = 'limit: the same at 0 %'
    add(
      await rowOf({ figure, engine, setting, target, note }, async () =>
        stage.measure(
          await taking(stage, pools, [filled.almost], crowd),
          await taking(stage, pools, [filled.empty], crowd),
        ),
      ),
    )
  }
  const sixteen: Crowd = { processes: 1, clients: context.quick ? 2 : 16 }
  const networks = [filled.empty]
  for (const many of context.quick ? [1, 2] : [1, 4, 16]) {
    while (networks.length < many) networks.push(await pools.add('empty'))
    const setting = `${many} ${many === 1 ? 'network' : 'networks'}, ${crowdName(sixteen)}`
    const target =
      many === 1 && engine === 'postgres'
        ? ({ atLeast: 1000, of: 'value' } as const)
        : ({ atLeast: 0.6, of: 'ratio' } as const)
    add(await beside(setting, networks, sixteen, { target, ...(many > 1 && { whenMissed: alone }) }))
  }
  add(await beside(`IPv6 /64, ${crowdName(sixteen)}`, [await pools.addIpv6()], sixteen))
  return rows
}

/** Where a commit costs little, what is written counts. */
const pages: Readonly<Record<Engine, string>> = {
  sqlite: 'an allocation writes three pages, two of the book and one of what is free, where the bare insert writes two',
  postgres: 'an allocation deletes a row of what is free besides its insert, in the one call of a function',
}
const alone = 'each client on a network of its own shares its commit with nobody'

/** As many calls at a time as the fullest pool has addresses left, at every fill level: the bursts are alike. */
const callsPerBurst = leftInAlmost - 1

async function taking(stage: Stage, pools: AddressPools, subjects: readonly number[], crowd: Crowd): Promise<Side> {
  const crew = await stage.crew(crowd.processes)
  const burst: CrewBurst = { work: 'allocate', subjects, clients: crowd.clients, calls: callsPerBurst }
  return {
    burst: () => crew.burst(burst),
    check: (calls) => pools.check(subjects, calls),
    putBack: () => pools.putBack(subjects),
  }
}

async function inserting(stage: Stage, subjects: readonly number[], crowd: Crowd): Promise<Side> {
  const crew = await stage.crew(crowd.processes)
  const burst: CrewBurst = { work: 'insertAddress', subjects, clients: crowd.clients, calls: callsPerBurst }
  return { burst: () => crew.burst(burst), putBack: () => stage.bare.script('delete from bare_addresses') }
}
