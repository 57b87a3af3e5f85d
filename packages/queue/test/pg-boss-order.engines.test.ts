import { openPgBoss } from '@virtkit/test-engines/clients'
import { Client } from 'pg'
import { expect, it } from 'vitest'
import { emptyPostgres, lacks } from './server-urls.ts'

it.skipIf(lacks('pg-boss') !== undefined)(
  'messages that are sent at once differ in the time by which pg-boss orders them',
  async () => {
    const url = await emptyPostgres()
    const { engine, close } = await openPgBoss(url)
    const numbers = Array.from({ length: 30 }, (_, number) => number)
    const messages = numbers.map((number) => ({
      id: String(number),
      type: 'x',
      contentType: 'application/json',
      body: { number },
    }))
    await engine.send('ordered', messages)
    const client = new Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<{ number: number; ties: string }>(
      `select data->'number' as number, count(*) over (partition by created_on) as ties
       from pgboss.job where name = 'ordered' order by created_on`,
    )
    await client.end()
    await close()
    expect(rows).toEqual(numbers.map((number) => ({ number, ties: '1' })))
  },
)
