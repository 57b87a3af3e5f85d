import { systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AccessLab, openAccessLab } from '../../test/access-lab.ts'
import { actingAs } from '../access/acting.ts'
import { AesKeyring } from '../access/aes-keyring.ts'
import { RoleAccess } from '../access/role-access.ts'
import { AuditChain } from './audit-chain.ts'
import type { AuditFault, AuditHead } from './audit.ts'
import { SqlAudit } from './sql-audit.ts'

const keyring = new AesKeyring([{ id: 'test', key: Buffer.alloc(32, 3) }])

interface Process extends AsyncDisposable {
  readonly lab: AccessLab
  readonly audit: SqlAudit
  readonly chain: AuditChain
}

eachDatabase((db) => {
  describe('the audit log', () => {
    let one: Process
    let two: Process

    beforeEach(async () => {
      const location = await db.options()
      const start = async (): Promise<Process> => {
        const lab = await openAccessLab(location)
        const { database } = lab.open
        const chain = new AuditChain(database, keyring, systemClock, { everyMs: 1000, onError: () => {} })
        const audit = new SqlAudit(database, new RoleAccess(), lab.events, chain)
        return { lab, chain, audit, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() }
      }
      one = await start()
      two = await start()
    })
    afterEach(async () => {
      await two[Symbol.asyncDispose]()
      await one[Symbol.asyncDispose]()
    })

    const write = (process: Process, subject: string, who = 'user/7'): Promise<void> =>
      actingAs({ who, name: 'ada', request: 'r-1' }, () =>
        process.lab.open.database.transaction((queries) =>
          process.lab.events.append(queries, { type: 'thing.changed', subject, data: { to: subject } }),
        ),
      )
    const writeMany = async (count: number): Promise<void> => {
      for (let each = 1; each <= count; each += 1) await write(one, `thing/${each}`)
      await one.chain.catchUp()
    }
    const change = (text: string): Promise<unknown> => sql.raw(text).execute(two.lab.open.database.queries)
    const faults = async (head?: AuditHead): Promise<readonly AuditFault[]> => (await two.audit.verify({ head })).faults

    it('tells who did what in which request, by subject and by actor, page by page', async () => {
      await writeMany(3)
      await write(two, 'thing/2', 'system')
      const entries = await one.audit.list()
      expect(entries[0]).toEqual({
        position: expect.any(Number),
        id: expect.any(String),
        at: expect.any(Number),
        actor: 'user/7',
        actorName: 'ada',
        action: 'thing.changed',
        subject: 'thing/1',
        outcome: 'done',
        request: 'r-1',
        data: { to: 'thing/1' },
      })
      expect((await one.audit.list({ subject: 'thing/2' })).map((each) => each.actor)).toEqual(['user/7', 'system'])
      expect((await one.audit.list({ actor: 'system' })).map((each) => each.subject)).toEqual(['thing/2'])
      const rest = await one.audit.list({ after: entries[0]!.position, limit: 2 })
      expect(rest.map((each) => each.subject)).toEqual(['thing/2', 'thing/3'])
      await expect(one.audit.list({ limit: 0 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    })

    it('is one chain, whoever writes and whoever links, and nobody who writes waits', async () => {
      let done = false
      const linking = [one, two].map(async ({ chain }) => {
        while (!done) await chain.catchUp()
      })
      const writers = [one, two].flatMap((process) =>
        Array.from({ length: 8 }, async (_, writer) => {
          for (let each = 0; each < 5; each += 1) await write(process, `thing/${writer}`)
        }),
      )
      await Promise.all(writers)
      done = true
      await Promise.all(linking)
      const report = await two.audit.verify()
      expect(report).toMatchObject({ isIntact: true, checked: 80, head: { number: 80 }, faults: [] })
      expect((await one.audit.verify({ head: report.head })).isIntact).toBe(true)
    })

    it.runIf(db.engine === 'postgres')('goes on while somebody holds a transaction open', async () => {
      const { database } = one.lab.open
      let letGo = (): void => {}
      const held = new Promise<void>((resolve) => (letGo = resolve))
      let begun = (): void => {}
      const hasBegun = new Promise<void>((resolve) => (begun = resolve))
      const slow = database.transaction(async (queries) => {
        await one.lab.events.append(queries, { type: 'thing.changed', subject: 'slow' })
        begun()
        await held
      })
      await hasBegun
      await write(two, 'quick')
      expect(await two.audit.verify()).toMatchObject({ isIntact: true, checked: 1 })
      letGo()
      await slow
      expect(await two.audit.verify()).toMatchObject({ isIntact: true, checked: 2 })
    })

    it('shows what somebody changed: what it says, who did it, when, a link, the last entry', async () => {
      await writeMany(10)
      expect(await faults()).toEqual([])
      await change(`update events set data = '{}' where position = 2`)
      await change(`update events set actor = 'system' where position = 4`)
      await change('update events set at = at - 1 where position = 6')
      // The link after it covers it.
      await change(`update audit_links set hash = '${'0'.repeat(64)}' where number = 8`)
      await change('update events set request = null where position = 10')
      const found = await faults()
      expect(found.map((each) => each.position)).toEqual([2, 4, 6, 8, 9, 10])
      expect(new Set(found.map((each) => each.kind))).toEqual(new Set(['changed']))
    })

    it('shows that entries were removed, with their links or without', async () => {
      await writeMany(6)
      await change('delete from events where position = 2')
      expect(await faults()).toEqual([{ kind: 'removed', position: 2 }])
      await change('delete from audit_links where position = 2')
      expect(await faults()).toEqual([{ kind: 'removed', position: 3 }])
    })

    it('shows that entries changed places', async () => {
      await writeMany(5)
      await change('update events set position = 99 where position = 2')
      await change('update events set position = 2 where position = 3')
      await change('update events set position = 3 where position = 99')
      expect(await faults()).toEqual([
        { kind: 'changed', position: 2 },
        { kind: 'changed', position: 3 },
      ])
    })

    it('shows that an entry was put between others', async () => {
      await writeMany(5)
      await change('delete from events where position = 3')
      await change('delete from audit_links where position = 3')
      await change(`insert into events (position, id, type, subject, at, data) values (3, 'x', 'a.b', 'thing/3', 1, '{}')`)
      expect(await faults()).toEqual([
        { kind: 'inserted', position: 3 },
        { kind: 'removed', position: 4 },
      ])
    })

    it('shows that the end was cut off, also when the log went on before anybody looked', async () => {
      await writeMany(5)
      await change('delete from events where position > 3')
      await change('delete from audit_links where position > 3')
      expect(await faults()).toEqual([{ kind: 'cut', position: 3 }])
      await write(one, 'thing/6')
      await one.chain.catchUp()
      const [after] = await one.audit.list({ after: 3 })
      expect(await faults()).toEqual([{ kind: 'removed', position: after!.position }])
    })

    it('shows a cut that somebody hid with an older head, or a new chain, to those who kept a later one', async () => {
      await writeMany(3)
      const early = (await one.audit.verify()).head
      const older = await two.lab.open.database.queries.selectFrom('virtkitMeta').selectAll().execute()
      await write(one, 'thing/4')
      const { head } = await one.audit.verify()
      await change('delete from events where position > 3')
      await change('delete from audit_links where position > 3')
      for (const { name, value } of older) {
        await two.lab.open.database.queries.updateTable('virtkitMeta').set({ value }).where('name', '=', name).execute()
      }
      // What the documentation says that it cannot tell.
      expect(await faults()).toEqual([])
      expect(await faults(head)).toEqual([{ kind: 'cut', position: 3 }])
      await change('delete from audit_links')
      await change(`delete from virtkit_meta where name = 'audit-head'`)
      await change(`update events set actor = 'system' where position = 1`)
      expect((await two.audit.verify()).faults).toEqual([])
      expect((await faults(early)).map((each) => each.kind)).toEqual(['cut'])
    })

    it('does not take a head that was forged, nor none', async () => {
      await writeMany(3)
      await change(`update virtkit_meta set value = replace(value, '"number":3', '"number":2') where name = 'audit-head'`)
      await change('delete from audit_links where number = 3')
      await change('delete from events where position = 3')
      expect((await faults()).map((each) => each.kind)).toContain('cut')
      await change(`delete from virtkit_meta where name = 'audit-head'`)
      expect((await faults()).map((each) => each.kind)).toContain('cut')
    })

    it('cannot be made anew without the key', async () => {
      await writeMany(3)
      const other = new AesKeyring([{ id: 'test', key: Buffer.alloc(32, 4) }])
      const { database } = two.lab.open
      const chain = new AuditChain(database, other, systemClock, { everyMs: 1000, onError: () => {} })
      const report = await new SqlAudit(database, new RoleAccess(), two.lab.events, chain).verify()
      expect(report.faults.map((each) => each.kind)).toEqual(['cut', 'changed', 'changed', 'changed'])
    })
  })
})
