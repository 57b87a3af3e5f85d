import { Secret, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { backupOf, closeKits, closeSimulator, fill, inPieces, openKit, rowsIn } from '../../test/backup-lab.ts'

afterAll(closeSimulator)

eachDatabase((db) => {
  describe('kit.backup', () => {
    afterEach(closeKits)

    it('another database holds the same after a restore, secrets included, and goes on from there', async () => {
      const kit = await openKit(await db.options())
      const { cluster, group, network } = await fill(kit)
      const bytes = await backupOf(kit)
      const other = await openKit(await db.options('other'))
      await other.groups.add({ name: 'gone after the restore' })
      const summary = await other.backup.restore(inPieces(bytes))
      expect(summary).toMatchObject({ installation: kit.installation, reopen: true, endedOperations: 0 })
      expect(await rowsIn(inPieces(await backupOf(other)))).toEqual(await rowsIn(inPieces(bytes)))
      expect(await other.users.authenticate('ada', 'correct horse battery')).toMatchObject({ name: 'ada' })
      expect(await other.contingents.verify()).toEqual([])
      expect((await other.events.list({ subject: 'backup' })).map(({ type }) => type)).toEqual(['backup.restored'])
      // Sealed with the same ring, the password still opens the hypervisor.
      await expect(other.clusters.check(cluster)).resolves.toMatchObject({ product: expect.any(String) })
      const size = { cpus: 1, memoryMiB: 1024, diskMiB: 10_240, os: 'debian-12' }
      const more = await other.machines.create({ name: 'web-3', owner: group, cluster, networks: [{ network }], ...size })
      expect(more.networks[0]?.ip).toBe('10.20.0.4')
    })

    it('from one engine into the other and back, nothing is lost', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'virtkit-across-'))
      try {
        const lite = await openKit({ sqlite: join(folder, 'from.db') })
        await fill(lite)
        const { head } = await lite.audit.verify()
        const first = await backupOf(lite)
        const kit = await openKit(await db.options())
        await kit.backup.restore(inPieces(first))
        const again = await openKit({ sqlite: join(folder, 'to.db') })
        const { network } = await fill(again)
        await again.backup.restore(inPieces(await backupOf(kit)))
        expect(await rowsIn(inPieces(await backupOf(again)))).toEqual(await rowsIn(inPieces(first)))
        expect(await again.audit.verify({ head })).toMatchObject({ isIntact: true, faults: [] })
        expect(await again.addresses.predict(again.database.queries, network)).toBe('10.20.0.4')
        await closeKits()
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    it('it is of one moment, and nobody waits for it, however slow the reader is', async () => {
      const kit = await openKit(await db.options())
      for (let index = 0; index < 40; index += 1)
        await kit.groups.add({ name: `before ${randomBytes(30).toString('hex')}` })
      let goOn = (): void => {}
      const parts: Buffer[] = []
      const stalled = new Promise<void>((begun) => {
        const sink = new Writable({
          highWaterMark: 1,
          write: (part: Buffer, _encoding, done) => {
            parts.push(part)
            if (parts.length > 1) return done()
            goOn = done
            begun()
          },
        })
        written = kit.backup.write(sink)
      })
      await stalled
      await kit.groups.add({ name: 'after' })
      await kit.settings.update({ installTimeoutMs: 5000 })
      goOn()
      await written
      const rows = await rowsIn(inPieces(Buffer.concat(parts)))
      expect(rows['user_groups']?.length).toBe(40)
      expect(rows['settings']).toEqual([])
    })
    let written: Promise<unknown> = Promise.resolve()

    it('what was under way has ended: its machine is failed, nothing is promised, and the counters fit', async () => {
      let laterMs = 0
      const clock = { ...systemClock, now: () => Date.now() + laterMs }
      const kit = await openKit(await db.options(), { clock })
      const { machines, network } = await fill(kit)
      await kit.machines.remove(machines[0]!)
      const { queries } = kit.database
      await queries.updateTable('machines').set({ state: 'installing' }).where('key', '=', machines[1]!).execute()
      await queries.updateTable('contingents').set({ cpuUsed: 17, memoryReserved: 5 }).execute()
      const delivery = { id: 'msg', callbackKey: 1, subject: 'machine/1', url: 'https://a.example.com', body: '{}' }
      await queries
        .insertInto('callbackDeliveries')
        .values({ ...delivery, state: 'due', attempts: 0, dueAt: 1, createdAt: 1 })
        .execute()
      await kit.addresses.allocate(queries, { networkKey: network, owner: 'hold', holdUntil: Date.now() + 60_000 })
      const bytes = await backupOf(kit)
      expect(await kit.backup.restore(inPieces(bytes))).toMatchObject({ endedOperations: 1, reopen: false })
      const [operation] = await kit.operations.list()
      expect(operation).toMatchObject({ kind: 'delete-machine', state: 'cancelled', error: { code: 'CANCELLED' } })
      expect((await kit.machines.list()).map(({ state }) => state)).toEqual(['planned', 'failed'])
      expect(await kit.contingents.verify()).toEqual([])
      expect(await queries.selectFrom('callbackDeliveries').select('state').execute()).toEqual([{ state: 'dead' }])
      // The hold is kept until it ends by itself, and then the address is had by the next.
      expect(await kit.addresses.predict(queries, network)).toBe('10.20.0.5')
      laterMs = 120_000
      expect(await kit.addresses.allocate(queries, { networkKey: network, owner: 'next' })).toBe('10.20.0.4')
      await kit.machines.remove(machines[0]!)
    })

    it('other processes on the database are at work all the while, and go on with what is there then', async () => {
      const kit = await openKit(await db.options())
      const { cluster, group, network } = await fill(kit)
      const bytes = await backupOf(kit)
      const other = await openKit(await db.options(), { operations: { work: true, pollMs: 20 } })
      const place = { cluster, owner: group, networks: [{ network }], os: 'debian-12' }
      const make = (name: string) => other.machines.create({ name, ...place, cpus: 1, memoryMiB: 1024, diskMiB: 10_240 })
      // Plans, statements and sessions of the other one are warm.
      await make('since')
      let during = true
      const busy = (async () => {
        for (let count = 0; during; count += 1) await other.groups.add({ name: `during ${count}` })
      })()
      await kit.backup.restore(inPieces(bytes))
      during = false
      await busy
      expect((await other.machines.list()).map(({ name }) => name)).toEqual(['web-1', 'web-2'])
      expect((await make('after')).networks[0]?.ip).toBe('10.20.0.4')
      const removed = await other.machines.remove((await other.machines.list())[0]!.key)
      expect(await other.operations.wait(removed.id)).toMatchObject({ state: 'succeeded' })
      expect(await kit.contingents.verify()).toEqual([])
    })

    it('who has some tables and wants others, which a restore has already, is let go on', async () => {
      const kit = await openKit(await db.options())
      await fill(kit)
      const bytes = await backupOf(kit)
      const other = await openKit(await db.options())
      const begun = Promise.withResolvers<void>()
      let tries = 0
      const tables = ['machines', 'users', 'events', 'networks', 'operations', 'contingents'] as const
      const busy = other.database.transaction(async (queries) => {
        tries += 1
        await queries.updateTable('userGroups').set({ createdAt: 1 }).execute()
        begun.resolve()
        await sleep(1500) // the restore has what it could get by then
        for (const table of tables)
          await queries
            .selectFrom(table)
            .select((row) => row.fn.countAll().as('all'))
            .execute()
      })
      await begun.promise
      await Promise.all([kit.backup.restore(inPieces(bytes)), busy])
      expect(tries).toBe(1)
      expect(await kit.contingents.verify()).toEqual([])
    })

    it('numbers that were given are not given again', async () => {
      const kit = await openKit(await db.options())
      const bytes = await backupOf(kit)
      const { key } = await kit.groups.add({ name: 'made after the backup' })
      await kit.backup.restore(inPieces(bytes))
      expect((await kit.groups.add({ name: 'next' })).key).toBe(key + 1)
      await kit.groups.remove(key + 1)
      const gap = await backupOf(kit)
      const other = await openKit(await db.options('other'))
      await other.backup.restore(inPieces(gap))
      expect((await other.groups.add({ name: 'next' })).key).toBe(key + 2)
    })
  })
})

describe('kit.backup of a database in memory', () => {
  afterEach(closeKits)

  it('a database in memory has backups as well', async () => {
    const kit = await openKit({ sqlite: ':memory:' })
    await fill(kit)
    const bytes = await backupOf(kit)
    const other = await openKit({ sqlite: ':memory:' })
    await other.backup.restore(inPieces(bytes))
    expect((await other.machines.list()).map(({ name }) => name)).toEqual(['web-1', 'web-2'])
  })

  it('to a path it appears whole, for its owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-path-'))
    try {
      const kit = await openKit({ sqlite: ':memory:' })
      await fill(kit)
      const path = join(folder, 'a.backup')
      const { bytes } = await kit.backup.write(path)
      expect(await readdir(folder)).toEqual(['a.backup'])
      expect(await stat(path)).toMatchObject({ size: bytes, mode: 0o100600 })
      await kit.backup.restore(path)
      await expect(kit.backup.write(join(folder, 'none', 'a'))).rejects.toMatchObject({ code: 'ENOENT' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('only who may, and not inside of a transaction of the host', async () => {
    const kit = await openKit({ sqlite: ':memory:' })
    const actor = { kind: 'user' as const, user: 1, name: 'ada', permissions: new Set(['backup:read']), groups: [] }
    const bytes = await backupOf(kit)
    await expect(kit.backup.restore(inPieces(bytes), {}, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const nobody = { ...actor, permissions: new Set<string>() }
    await expect(kit.backup.write('/nowhere', {}, { actor: nobody })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const inside = kit.database.queries
      .transaction()
      .execute((transaction) => kit.within(transaction).backup.restore(inPieces(bytes)))
    await expect(inside).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(kit.backup.write('/nowhere', { encryption: { passphrase: new Secret('short') } })).rejects.toThrow(
      /passphrase: must be at least 12/,
    )
  })
})
