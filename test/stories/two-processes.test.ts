import { createVirtkit } from '@virtkit/core'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { bootServer, encryption, openLab } from './lab.ts'

eachDatabase((db) => {
  it('two kits with boot servers of their own share the work, and neither takes a guest from the other', async () => {
    const database = await db.options()
    await using lab = await openLab(database)
    await using other = await createVirtkit({
      database,
      encryption,
      drivers: [lab.simulator.driver],
      installMedia: bootServer(),
      operations: { pollMs: 50 },
    })
    expect(other.bootOrigin).not.toBe(lab.kit.bootOrigin)
    const keys = await Promise.all(['web-1', 'web-2', 'web-3'].map((name) => lab.machine(name)))
    const runs = await Promise.all(keys.map((key, index) => (index === 0 ? other : lab.kit).installs.start(key)))
    const ready = await Promise.all(runs.map((run) => lab.kit.installs.whenReady(run.runId)))
    expect(ready.map((run) => run.phase)).toEqual(['ready', 'ready', 'ready'])
    // Switched on once each: nobody was made to boot again.
    expect(lab.simulator.calls.count('power.on')).toBe(3)
    expect(lab.simulator.calls.count('media.upload')).toBe(3)
  })

  it('when the process that served a guest is gone, another serves it from a new medium', async () => {
    const database = await db.options()
    await using lab = await openLab(database, { operations: { work: false } })
    const key = await lab.machine('web-1')
    const first = await createVirtkit({
      database,
      encryption,
      drivers: [lab.simulator.driver],
      installMedia: bootServer(),
      operations: { pollMs: 50 },
    })
    const run = await first.installs.start(key)
    await expect.poll(async () => (await lab.kit.installs.get(run.runId)).phase, { timeout: 10_000 }).toBe('booted')
    await first.close()
    // Long silent, as far as anybody can tell.
    await lab.kit.database.queries.updateTable('bootServers').set({ seenAt: 0 }).execute()
    await using second = await createVirtkit({
      database,
      encryption,
      drivers: [lab.simulator.driver],
      installMedia: bootServer(),
      operations: { pollMs: 50 },
    })
    expect((await second.installs.whenReady(run.runId)).phase).toBe('ready')
    expect(lab.simulator.calls.count('machines.create')).toBe(1)
    expect(lab.simulator.world.summary().machines).toHaveLength(1)
  })
})
