import { createVirtkit } from '@virtkit/core'
import type { VirtkitError } from '@virtkit/spi'
import { type DatabaseLocation, eachDatabase } from '@virtkit/test-databases'
import Sqlite from 'better-sqlite3'
import { Client } from 'pg'
import { expect, it } from 'vitest'
import { encryption, openLab } from './lab.ts'

/** Until it is told to stop: connections are ended again and again, or the file is locked for longer than anybody waits. */
async function disturb(location: DatabaseLocation, until: AbortSignal): Promise<number> {
  let times = 0
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
  if ('sqlite' in location) {
    const other = new Sqlite(location.sqlite)
    other.exec('begin immediate')
    await pause(6000)
    other.exec('rollback')
    other.close()
    return 1
  }
  const other = new Client({ connectionString: location.postgres })
  await other.connect()
  while (!until.aborted && times < 40) {
    await pause(50)
    await other.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'virtkit' and datname = current_database()`)
    times += 1
  }
  await other.end()
  return times
}

eachDatabase((db) => {
  it('installations survive a database that is lost again and again', { timeout: 120_000 }, async () => {
    const location = await db.options()
    const errors: VirtkitError[] = []
    const operations = { pollMs: 100, leaseMs: 1000 }
    await using lab = await openLab(location, { operations, onError: (error) => errors.push(error) })
    const keys = await Promise.all(['web-1', 'web-2', 'web-3'].map((name) => lab.machine(name)))
    // The calls of a host are answered, or refused, at once; what is accepted has to hold.
    for (const key of keys) await lab.kit.installs.start(key)
    const enough = new AbortController()
    const disturbed = disturb(location, enough.signal)
    const ends = async (): Promise<number> => (await lab.kit.operations.list({ ended: true })).length
    await expect.poll(() => ends().catch(() => 0), { timeout: 90_000, interval: 100 }).toBe(3)
    enough.abort()
    expect(await disturbed).toBeGreaterThan(0)

    await using calm = await createVirtkit({ database: location, encryption, drivers: [lab.simulator.driver] })
    const operationsNow = await calm.operations.list()
    expect(operationsNow.map((each) => [each.kind, each.state, each.error?.message])).toEqual(
      keys.map(() => ['install-machine', 'succeeded', undefined]),
    )
    expect((await calm.machines.list()).map((machine) => machine.state)).toEqual(['deployed', 'deployed', 'deployed'])
    expect(lab.simulator.world.summary().machines).toHaveLength(3)
    expect(lab.simulator.world.summary().media).toEqual([])
    expect(await calm.networks.addresses(lab.network)).toHaveLength(3)
    expect(await calm.contingents.verify()).toEqual([])
    expect(errors.filter((error) => error.code !== 'DATABASE_UNAVAILABLE')).toEqual([])
  })
})
