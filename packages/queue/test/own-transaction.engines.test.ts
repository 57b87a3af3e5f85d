import { setTimeout as pause } from 'node:timers/promises'
import { type CloudEvent, asUser, commandSender, takeCommands } from '@virtkit/queue'
import { openPgBoss } from '@virtkit/test-engines/clients'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { collect } from './collect.ts'
import { openCommandLab } from './command-lab.ts'
import { emptyPostgres, lacks } from './server-urls.ts'

const missing = lacks('pg-boss')
/** As long as a worker takes to look again, and three times as long. */
const longEnoughMs = 1_500

describe.skipIf(missing !== undefined)('in a transaction of the host’s own', () => {
  it('a command is there with its commit, not before, and never after a rollback', async () => {
    const url = await emptyPostgres()
    const opened = await openPgBoss(url)
    const { engine } = opened
    await using lab = await openCommandLab(opened, { postgres: url })
    const results = await collect<CloudEvent>(engine, 'answers')
    await using _ = await takeCommands(lab.kit, {
      engine,
      from: 'commands',
      whoAsks: asUser(lab.kit, 'automation'),
      results: results.queue,
    })
    const client = new Client({ connectionString: url })
    await client.connect()
    const own = engine.within({ executeSql: (text, values) => client.query(text, values) })
    const order = (name: string): Promise<string> =>
      commandSender(own, { to: 'commands' }).send('virtualMachines.create', lab.machine(name), { id: `make-${name}` })
    const machines = async (): Promise<string[]> => (await lab.kit.machines.list()).map(({ name }) => name)

    await client.query('create table orders (name text)')
    await client.query('begin')
    await client.query(`insert into orders values ('web-1')`)
    await order('web-1')
    await pause(longEnoughMs)
    expect([results.told, await machines()]).toEqual([[], []])
    await client.query('commit')
    await results.until((told) => told.length > 0)
    expect(await machines()).toEqual(['web-1'])

    await client.query('begin')
    await order('web-2')
    await client.query('rollback')
    await pause(longEnoughMs)
    expect([results.told.length, await machines()]).toEqual([1, ['web-1']])
    await client.end()
  })
})
