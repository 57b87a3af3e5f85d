import { type Virtkit, type VirtkitOptions, createVirtkit, isVirtkitError } from '@virtkit/core'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { eachDatabase } from '@virtkit/test-databases'
import Sqlite from 'better-sqlite3'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { encryption, openLab } from './lab.ts'

const { driver } = createSimulatedHypervisor({ guests: 'none' })
const folder = mkdtempSync(join(tmpdir(), 'virtkit-opening-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function refusal(
  options: unknown,
): Promise<{ code: string; text: string; hint: string | undefined; details: unknown }> {
  const error: unknown = await createVirtkit(options as VirtkitOptions).then(
    (kit) => kit.close().then(() => 'it opened'),
    (cause: unknown) => cause,
  )
  if (!isVirtkitError(error)) throw new Error(`not a VirtkitError: ${String(error)}`)
  return { code: error.code, text: error.message, hint: error.hint, details: error.details }
}

describe('createVirtkit refuses, in plain words,', () => {
  it('options of the wrong shape, each by its name', async () => {
    const { code, text } = await refusal({ database: { mysql: 'x' }, drivers: [], operations: { leaseMs: 5 }, workers: 3 })
    expect(code).toBe('INVALID_INPUT')
    for (const field of ['database', 'drivers', 'operations.leaseMs', 'workers']) expect(text).toContain(`${field}:`)
  })

  it('a PostgreSQL that is not there', async () => {
    const { code, details, hint } = await refusal({
      database: { postgres: 'postgres://u:hunter2@127.0.0.1:1/x' },
      encryption,
      drivers: [driver],
    })
    expect([code, details]).toEqual(['DATABASE_UNAVAILABLE', { engine: 'postgres', reason: 'unreachable' }])
    expect(hint).toMatch(/host and port/)
  })

  it('a SQLite file in a folder that does not exist, and one that is no database', async () => {
    const missing = await refusal({ database: { sqlite: join(folder, 'no', 'x.db') }, drivers: [driver] })
    expect(missing).toMatchObject({ code: 'DATABASE_UNAVAILABLE', details: { reason: 'refused' } })
    const path = join(folder, 'text.db')
    writeFileSync(path, 'This is not a database. '.repeat(100))
    expect(await refusal({ database: { sqlite: path }, drivers: [driver] })).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      details: { reason: 'corrupt' },
    })
  })

  it('a database that another process holds locked', async () => {
    const path = join(folder, 'locked.db')
    const other = new Sqlite(path)
    other.exec('begin exclusive')
    const { code, details, hint } = await refusal({ database: { sqlite: path }, drivers: [driver] })
    other.close()
    expect([code, details]).toEqual(['DATABASE_UNAVAILABLE', { engine: 'sqlite', reason: 'locked' }])
    expect(hint).toMatch(/End the process/)
  })

  it('PostgreSQL without a word on where to keep the encryption key', async () => {
    const { code, text } = await refusal({ database: { postgres: 'postgres://u@127.0.0.1:1/x' }, drivers: [driver] })
    expect(code).not.toBe('it opened')
    expect(`${code} ${text}`).toMatch(/INVALID_INPUT encryption|DATABASE_UNAVAILABLE/)
  })

  it('a boot port that is taken, and leaves nothing open', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const files = memoryBootFiles({ kernel: new Uint8Array(1), initrd: new Uint8Array(1) })
    const path = join(folder, 'port.db')
    const options = {
      database: { sqlite: path },
      drivers: [driver],
      installMedia: netboot({ listen: { host: '127.0.0.1', port }, bootFiles: files }),
    }
    expect(await refusal(options)).toMatchObject({ code: 'CONFLICT' })
    // Nothing holds the file any more.
    const check = new Sqlite(path)
    check.exec('begin exclusive')
    check.close()
    other.close()
  })
})

eachDatabase((db) => {
  it('a database that nobody has used is migrated once, however many open it at once', async () => {
    const database = await db.empty()
    const open = (): Promise<Virtkit> => createVirtkit({ database, encryption, drivers: [driver] })
    const kits = await Promise.all([open(), open(), open()])
    try {
      await kits[0]!.groups.add({ name: 'team-a' })
      for (const kit of kits) expect(await kit.groups.list()).toMatchObject([{ name: 'team-a' }])
      const { installation } = kits[0]!
      expect(kits.map((kit) => kit.installation)).toEqual([installation, installation, installation])
    } finally {
      for (const kit of kits) await kit.close()
    }
  })

  it('a database that a newer version has migrated is refused, and left as it is', async () => {
    const database = await db.options()
    const kit = await createVirtkit({ database, encryption, drivers: [driver] })
    await kit.database.queries
      .insertInto('virtkit_migrations' as never)
      .values({ name: '2999-01-01-future', timestamp: '2999' } as never)
      .execute()
    await kit.close()
    const { code, text, hint } = await refusal({ database, encryption, drivers: [driver] })
    expect(code).toBe('SCHEMA_TOO_NEW')
    expect(text).toContain('2999-01-01-future')
    expect(hint).toMatch(/Update Virtkit/)
  })

  it('an open handle of the host’s stays open when the kit closes', async () => {
    const location = await db.empty()
    const handle = 'sqlite' in location ? new Sqlite(location.sqlite) : new Pool({ connectionString: location.postgres })
    // The database is dropped under idle connections when the test ends.
    if (handle instanceof Pool) handle.on('error', () => {})
    const database = (handle instanceof Pool ? { postgres: handle } : { sqlite: handle }) as VirtkitOptions['database']
    for (const round of [1, 2]) {
      const kit = await createVirtkit({ database, encryption, drivers: [driver] })
      await kit.groups.add({ name: `team-${round}` })
      await kit.close()
    }
    if (handle instanceof Pool) {
      // Numbers are read as the host's own parsers read them: nothing was changed for everyone.
      expect((await handle.query('select count(*) as n from user_groups')).rows).toEqual([{ n: '2' }])
      await handle.end()
    } else {
      expect(handle.prepare('select count(*) as n from user_groups').get()).toEqual({ n: 2 })
      handle.close()
    }
  })

  it('bad input names the field and the way out, and nothing is half-written', async () => {
    await using lab = await openLab(await db.options(), { simulator: { guests: 'none' } })
    const { kit } = lab
    const counts = async (): Promise<unknown> => ({
      clusters: (await kit.clusters.list()).length,
      networks: (await kit.networks.list()).length,
      machines: (await kit.machines.list()).length,
      used: (await kit.contingents.ofGroup(lab.group))?.used,
      addresses: await kit.networks.addresses(lab.network),
      events: (await kit.events.list({ limit: 1000 })).length,
    })
    const before = await counts()
    const refused = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'accepted',
        (error: unknown) => error,
      )

    expect(await refused(kit.clusters.add({ name: 'x', type: 'vmwear', credentials: { url: 'http://x' } }))).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/^type: .*simulated/),
    })
    expect(
      await refused(
        kit.networks.add({ name: 'x', cluster: lab.cluster, cidr: '10.30.0.0/24', reservation: '10.31.0.1-10.31.0.9' }),
      ),
    ).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(/^reservation: .*10\.30\.0\.0\/24/) })
    expect(await refused(lab.machine('web-1', { os: 'debian-1' }))).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/^os: .*debian-12/),
    })
    expect(await refused(lab.machine('web 1', { cpus: 0 }))).toMatchObject({
      code: 'INVALID_INPUT',
      details: { problems: [expect.objectContaining({ field: 'name' }), expect.objectContaining({ field: 'cpus' })] },
    })
    expect(await refused(lab.machine('web-1', { networks: [{ network: lab.network, ip: '10.99.0.1' }] }))).toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect(await counts()).toEqual(before)
  })

  it('an exhausted range says so, and the machine that found it so is not there', async () => {
    await using lab = await openLab(await db.options(), { simulator: { guests: 'none' } })
    const tiny = await lab.kit.networks.add({ name: 'dmz', cluster: lab.cluster, cidr: '10.40.0.0/30' })
    const first = await lab.machine('one', { networks: [{ network: tiny.key }, { network: tiny.key }] })
    const error: unknown = await lab.machine('two', { networks: [{ network: tiny.key }] }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'ADDRESS_POOL_EXHAUSTED', details: { network: 'dmz' } })
    expect((await lab.kit.machines.list()).map((machine) => machine.key)).toEqual([first])
    expect((await lab.kit.contingents.ofGroup(lab.group))?.used.vm).toBe(1)
  })

  it('a machine larger than its datastore fails its install with DATASTORE_FULL and leaves nothing', async () => {
    const datastores = [{ name: 'ds-1', capacityMiB: 8192 }]
    await using lab = await openLab(await db.options(), { simulator: { guests: 'none', world: { datastores } } })
    const key = await lab.machine('big')
    const run = await lab.kit.installs.start(key)
    await expect(lab.kit.installs.whenReady(run.runId)).rejects.toMatchObject({
      code: 'DATASTORE_FULL',
      details: { datastore: 'ds-1', askedMiB: 20_480 },
    })
    expect((await lab.kit.machines.get(key)).state).toBe('failed')
    expect(lab.simulator.world.summary()).toMatchObject({ machines: [], media: [] })
  })
})
