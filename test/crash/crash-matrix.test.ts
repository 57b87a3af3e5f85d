import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { bundleProgram } from '../bundle-program.ts'
import type { Engine } from '../databases/engines.ts'
import { memoryFolder } from '../databases/memory-folder.ts'
import { type EngineResult, summaryOf, writeReport } from './harness/crash-report.ts'
import { crashScenario, nameOf } from './harness/crash-scenario.ts'
import { type Databases, postgresDatabases, sqliteDatabases } from './harness/databases.ts'
import { pointsInTurn } from './harness/points-in-turn.ts'
import { Victims } from './harness/victims.ts'
import { WorldsAtRest } from './harness/worlds-at-rest.ts'
import { scenarios } from './scenarios/scenarios.ts'

const postgres = inject('postgres')
const titles: Readonly<Record<Engine, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' }
/** At least so many on each engine. */
const leastPoints = 150
/** Points of chance that no process came to. */
const mostMissed = 2
/** How many points are under way side by side. */
const atOnce = 4

const turn = pointsInTurn(process.env.VIRTKIT_CRASH_POINTS, new Date())

/** Packing, starting and cleaning up take long on a machine that is busy. */
const hookMs = 120_000

const kept = resolve('.tmp/crash')
const packed = `${kept}/${randomUUID()}`
const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'virtkit-crash-'))
const results: EngineResult[] = []
let victims: Victims

beforeAll(async () => {
  const program = await bundleProgram(new URL('victim/victim.ts', import.meta.url), packed)
  victims = new Victims(program, `${folder}/cache`, atOnce)
}, hookMs)

afterAll(async () => {
  await victims?.[Symbol.asyncDispose]()
  for (const each of [folder, packed]) rmSync(each, { recursive: true, force: true })
  console.log(`points ${turn.begin + 1} of each ${turn.every}: ${await writeReport(kept, results)}`)
}, hookMs)

function onEngine(engine: Engine, open: () => Databases): void {
  describe(`a process is killed, on ${titles[engine]}`, () => {
    let databases: Databases
    let rests: WorldsAtRest
    beforeAll(async () => {
      databases = open()
      rests = new WorldsAtRest({ databases, victims, folder })
    })
    afterAll(() => databases?.[Symbol.asyncDispose](), hookMs)

    const named = scenarios.map((scenario) => [scenario.name, scenario] as const)
    it.each(named)('at every side effect of: %s', { timeout: 300_000 }, async (_name, scenario) => {
      const points = await crashScenario({ databases, victims, folder, rests, atOnce, turn }, scenario)
      results.push(...points.map((each) => ({ ...each, engine })))
      console.log(summaryOf(`${titles[engine]}, ${scenario.name}`, points))
      const bad = points.filter(({ problems }) => problems.length > 0)
      expect(bad.map(({ point, problems }) => `${nameOf(point)}: ${problems.join('; ')}`)).toEqual([])
      expect(points).not.toEqual([])
    })

    it(`at ${leastPoints} points or more`, () => {
      const ours = results.filter((each) => each.engine === engine)
      console.log(summaryOf(titles[engine], ours))
      const missed = ours.filter(({ isMissed }) => isMissed).length
      expect(missed).toBeLessThanOrEqual(mostMissed)
      expect(ours.length - missed).toBeGreaterThanOrEqual(leastPoints)
    })
  })
}

onEngine('sqlite', () => sqliteDatabases(folder))
if ('url' in postgres) onEngine('postgres', () => postgresDatabases(postgres.url, `crash_${randomUUID().slice(0, 8)}`))
else {
  const { missing } = postgres
  it('a process is killed, on PostgreSQL', (test) => {
    expect(missing).not.toBe('')
    test.skip(missing)
  })
}
