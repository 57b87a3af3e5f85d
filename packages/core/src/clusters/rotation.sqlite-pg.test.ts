import { randomBytes } from 'node:crypto'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { eachDatabase } from '@virtkit/test-databases'
import { sql } from 'kysely'
import { afterAll, afterEach, expect, it } from 'vitest'
import { closeKits, closeSimulator, fill, openKit } from '../../test/backup-lab.ts'
import type { Virtkit } from '../virtkit.ts'

const bootFiles = memoryBootFiles({ kernel: new Uint8Array(), initrd: new Uint8Array() })
const installMedia = netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles })

const key = (id: string): { id: string; key: string } => ({ id, key: randomBytes(32).toString('base64') })

/** Every text of every table that is sealed under this key, as `table.column`. */
async function sealedUnder(kit: Virtkit, id: string): Promise<string[]> {
  const { queries } = kit.database
  const found = new Set<string>()
  for (const { name } of await queries.introspection.getTables()) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(queries)
    for (const row of rows)
      for (const [column, value] of Object.entries(row))
        if (typeof value === 'string' && value.includes(`vk1.${id}.`)) found.add(`${name}.${column}`)
  }
  return [...found].toSorted()
}

afterAll(closeSimulator)

eachDatabase((db) => {
  afterEach(closeKits)

  it('after a rotation nothing in the database needs an older key, and everything still opens', async () => {
    const [old, fresh] = [key('old'), key('fresh')]
    const location = await db.options()
    const before = await openKit(location, { encryption: { keys: [old] }, installMedia })
    const { machines } = await fill(before)
    const mail = { server: 'smtp.example.com', username: 'virtkit@example.com', password: 'hunter2' }
    await before.mailSettings.replace(mail)
    const { secret } = await before.callbacks.rotateSecret(1)
    const run = await before.installs.start(machines[0]!)
    await before.database.transaction(async (queries) => {
      const claim = await before.replies.claim(queries, { key: 'k', caller: 'ada', request: 'POST /x' })
      if (claim.state === 'mine') await before.replies.keep(queries, claim, 'an answer')
    })
    const places = await sealedUnder(before, 'old')
    expect(places).toEqual([
      'callbacks.formerSecret',
      'callbacks.secret',
      'credentials.password',
      'install_parameters.passwordHash',
      'installs.plan',
      'mail_settings.password',
      'replies.reply',
    ])
    await before.close()

    const during = await openKit(location, { encryption: { keys: [fresh, old] } })
    expect(await during.credentials.rotate()).toBe(places.length)
    expect(await during.credentials.rotate()).toBe(0)
    expect(await sealedUnder(during, 'old')).toEqual([])
    expect(await sealedUnder(during, 'fresh')).toEqual(places)
    await during.close()

    const after = await openKit(location, { encryption: { keys: [fresh] } })
    expect(await after.clusters.check(1)).toMatchObject({ missing: [] })
    const { installParameters } = await after.machines.get(machines[0]!)
    expect((await after.installs.parameters(installParameters!)).passwordHash.reveal()).toMatch(/^\$6\$/)
    expect((await after.installs.get(run.runId)).phase).toBe('planned')
    expect((await after.callbacks.rotateSecret(1)).secret.reveal()).not.toBe(secret.reveal())
    expect((await after.mailSettings.forSending())?.password?.reveal()).toBe('hunter2')
  })
})
