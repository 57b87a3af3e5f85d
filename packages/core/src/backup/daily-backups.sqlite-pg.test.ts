import { type Clock, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { closeKits, closeSimulator, openKit } from '../../test/backup-lab.ts'
import { backupFileName } from './backup-rules.ts'

afterAll(closeSimulator)

const day = 24 * 3600 * 1000

eachDatabase((db) => {
  describe('backups now and then', () => {
    let folder: string
    let laterMs = 0
    // Days pass when the test says so; whoever sleeps looks every few milliseconds.
    const clock: Clock = {
      ...systemClock,
      now: () => Date.now() + laterMs,
      sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal),
    }

    beforeEach(async () => {
      laterMs = 0
      folder = await mkdtemp(join(tmpdir(), 'virtkit-daily-'))
    })
    afterEach(async () => {
      await closeKits()
      await rm(folder, { recursive: true })
    })

    it('one of several processes makes each, and what was kept for thirty days goes', async () => {
      const ago = backupFileName(Date.now() - 29.5 * day)
      await writeFile(join(folder, ago), '')
      await writeFile(join(folder, 'of-the-host.backup'), '')
      await writeFile(join(folder, `${backupFileName(Date.now() - 2 * day)}.part`), 'of one who died')
      const options = { clock, backup: { folder } }
      const kit = await openKit(await db.options(), options)
      await openKit(await db.options(), options)
      await vi.waitUntil(async () => (await kit.events.list({ subject: 'backup' })).length === 1, { timeout: 20_000 })
      await vi.waitUntil(async () => (await readdir(folder)).length === 3, { timeout: 5000 })
      const [first] = (await kit.events.list({ subject: 'backup' })).map(({ data }) => data['file'])
      expect((await readdir(folder)).toSorted()).toEqual(['of-the-host.backup', ago, first].toSorted())
      laterMs = day + 1
      await vi.waitUntil(async () => (await kit.events.list({ subject: 'backup' })).length === 2, { timeout: 20_000 })
      await vi.waitUntil(async () => !(await readdir(folder)).includes(ago), { timeout: 5000 })
      expect((await readdir(folder)).length).toBe(3)
      await kit.backup.restore(join(folder, String(first)))
      await closeKits()
    })

    it('one that fails is told of, and tried again within the hour', async () => {
      const taken = join(folder, 'file')
      await writeFile(taken, '')
      const told: string[] = []
      const kit = await openKit(await db.options(), {
        clock,
        backup: { folder: taken },
        onError: ({ code }) => told.push(code),
      })
      const types = async (): Promise<string[]> => (await kit.events.list({ subject: 'backup' })).map(({ type }) => type)
      await vi.waitUntil(async () => (await types()).length === 1, { timeout: 20_000 })
      expect(await types()).toEqual(['backup.failed'])
      expect(told).toEqual(['INTERNAL'])
      await rm(taken)
      laterMs = 3600_000
      await vi.waitUntil(async () => (await types()).length === 2, { timeout: 20_000 })
      expect(await types()).toEqual(['backup.failed', 'backup.made'])
    })
  })
})
