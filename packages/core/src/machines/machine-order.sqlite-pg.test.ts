import { eachDatabase } from '@virtkit/test-databases'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import { inOrder } from './machine-order.ts'
import { type MachineRow, toMachine } from './machine-rows.ts'
import type { Machine, MachineFilter, MachineOrder } from './machines.ts'

eachDatabase((db) => {
  describe('lists of machines in an order', () => {
    let open: OpenDatabase
    const add = async (names: readonly string[]): Promise<void> => {
      const rows = names.map((name, index) => ({
        name,
        ownerKey: (index % 3) + 1,
        clusterKey: (index % 2) + 1,
        os: 'debian-12',
        cpus: (index % 4) + 1,
        memoryMiB: 1024,
        diskMiB: 10_240,
        datastore: 'auto',
        provisioning: 'thin' as const,
        firmware: 'bios' as const,
        state: index % 5 === 0 ? ('failed' as const) : ('deployed' as const),
        mark: `${name}-${index}-${Math.random()}`,
        createdAt: 1000 + (index % 7),
        version: 1,
      }))
      await open.database.queries.insertInto('machines').values(rows).execute()
    }
    const list = async (filter: MachineFilter): Promise<Machine[]> => {
      const { queries, engine } = open.database
      let query = inOrder(queries.selectFrom('machines').selectAll(), engine, filter)
      if (filter.limit) query = query.limit(filter.limit)
      return (await query.execute()).map((row: MachineRow) => toMachine(row, []))
    }

    beforeEach(async () => {
      open = await openDatabase(await db.options())
      const { queries } = open.database
      for (const key of [1, 2, 3])
        await sql`insert into user_groups (key, name, created_at) values (${key}, ${`group ${key}`}, 0)`.execute(queries)
      await sql`insert into credentials (key, name, username, password, url, insecure, http)
        values (1, 'c', '', '', 'http://127.0.0.1', 0, 0)`.execute(queries)
      for (const key of [1, 2])
        await sql`insert into clusters (key, name, type, credentials_key, options)
          values (${key}, ${`cluster ${key}`}, 'simulated', 1, '{}')`.execute(queries)
      if (db.engine === 'postgres')
        await sql`alter table machines alter column name type text collate "und-x-icu"`.execute(queries)
      // Of a name there is one on each cluster; in the language of people a dash counts nothing, and large letters stand by small ones.
      await add(['web', 'web', 'a-b', 'ab', 'B', 'a', 'Web', 'a-c', 'ac', 'zoo', 'erp', 'erp', 'mail', 'x1', 'x-1', 'Z'])
    })
    afterEach(() => open[Symbol.asyncDispose]())

    it('pages in any order, put together, are the list in that order', async () => {
      const orders: MachineOrder[][] = [
        [],
        ['-key'],
        ['name'],
        ['-name', '-key'],
        ['name', '-key'],
        ['state', '-cpus', 'name'],
        ['-createdAt', 'owner'],
      ]
      for (const sort of orders) {
        const expected = (await list({})).toSorted(comparing([...sort, 'key']))
        for (const limit of [1, 3, 100]) {
          const seen: Machine[] = []
          for (let after: Machine | undefined; ; after = seen.at(-1)) {
            const page = await list({ sort, limit, ...(after && { after }) })
            seen.push(...page)
            if (page.length < limit) break
          }
          expect(seen.map(({ key }) => key)).toEqual(expected.map(({ key }) => key))
        }
      }
    })

    it('what comes and goes between two pages makes no other machine be left out or told twice', async () => {
      const all = (await list({ sort: ['name'] })).map(({ name }) => name)
      const first = await list({ sort: ['name'], limit: 6 })
      await add(['0-before', 'zz-behind'])
      await open.database.queries.deleteFrom('machines').where('key', '=', first.at(-1)!.key).execute()
      const rest = await list({ sort: ['name'], after: first.at(-1)! })
      expect([...first, ...rest].map(({ name }) => name)).toEqual([...all, 'zz-behind'].toSorted())
    })

    it('an order that is none, or a place that does not fit it, is refused by name', async () => {
      await expect(list({ sort: ['size' as 'name'] })).rejects.toMatchObject({
        details: { problems: [{ field: 'sort', problem: 'knows no size' }] },
      })
      await expect(list({ sort: ['name'], after: 3 })).rejects.toMatchObject({
        details: { problems: [{ field: 'after.name' }] },
      })
      expect(await list({ after: 14 })).toHaveLength(2)
    })
  })
})

function comparing(sort: readonly MachineOrder[]): (a: Machine, b: Machine) => number {
  return (a, b) => {
    for (const term of sort) {
      const field = term.replace('-', '') as keyof Machine
      if (a[field] !== b[field]) return (a[field]! < b[field]! ? -1 : 1) * (term.startsWith('-') ? -1 : 1)
    }
    return 0
  }
}
