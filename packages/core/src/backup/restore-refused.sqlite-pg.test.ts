import { Secret } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import {
  backupOf,
  closeKits,
  closeSimulator,
  encryption,
  fill,
  inPieces,
  openKit,
  ring,
  rowsIn,
} from '../../test/backup-lab.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../database/migrate.ts'
import { migrations } from '../database/migrations/index.ts'
import { renderBackup } from './backup-frames.ts'
import { ringProof } from './backup-key.ts'
import { renderRecord } from './backup-rules.ts'

afterAll(closeSimulator)

/** A backup of our own making, in clear: `lines` are records, `names` the migrations that it says it fits. */
async function made(lines: readonly object[], names = migrations.map(({ name }) => name)): Promise<Buffer> {
  const header = {
    id: 'made',
    createdAt: 1,
    installation: 'somebody',
    migrations: names.toSorted(),
    encryption: { kind: 'none' as const },
    ring: ringProof(await ring, 'made'),
  }
  const all = lines.map((line) => renderRecord(line as never))
  const parts: Buffer[] = []
  for await (const part of renderBackup(header, undefined, toAsync(all))) parts.push(part)
  return Buffer.concat(parts)
}

async function* toAsync(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

eachDatabase((db) => {
  describe('kit.backup.restore', () => {
    afterEach(closeKits)

    it('refuses rows that do not fit, in the middle of its transaction, and everything is as it was', async () => {
      const kit = await openKit(await db.options())
      await fill(kit)
      const before = await rowsIn(inPieces(await backupOf(kit)))
      const groups = { table: 'user_groups', columns: ['key', 'name', 'created_at'] }
      const members = { table: 'user_group_members', columns: ['group_key', 'user_key'] }
      const cases = [
        [[groups, { row: [1, 'a', 1] }, { row: [1, 'b', 1] }, { rows: 2 }], /rows of user_groups do not fit/],
        [[groups, members, { row: [1, 7] }, { rows: 1 }], /rows of user_group_members do not fit/],
        [[{ ...groups, columns: ['key', 'colour'] }, { rows: 0 }], /no column user_groups.colour/],
        [[{ table: 'pg_authid', columns: ['rolname'] }, { rows: 0 }], /no table pg_authid/],
        [[groups, { row: [1, 'a'] }, { rows: 1 }], /other columns than its table/],
        [[groups, { row: [1, 'a', 1] }, { rows: 2 }], /rows are missing/],
        [[groups, { row: [1, 'a', 1] }], /its last line is missing/],
      ] as const
      for (const [lines, why] of cases) await expect(kit.backup.restore(inPieces(await made(lines)))).rejects.toThrow(why)
      expect(await rowsIn(inPieces(await backupOf(kit)))).toEqual(before)
      await kit.groups.add({ name: 'goes on' })
    })

    it('takes a backup of an older version the way that its database would have gone', async () => {
      const old = migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, 1)
      const lines = [
        { table: 'virtkit_meta', columns: ['name', 'value'] },
        { row: ['installation', 'the old one'] },
        { table: 'user_groups', columns: ['key', 'name', 'created_at'] },
        { row: [4, 'old team', 1] },
        { table: 'credentials', columns: ['key', 'name', 'username', 'password', 'url', 'insecure', 'http'] },
        { row: [1, 'root', 'root', 'vk1.x', 'http://127.0.0.1', 0, 0] },
        { table: 'clusters', columns: ['key', 'name', 'type', 'credentials_key', 'defaults_key', 'options'] },
        { row: [1, 'lab', 'simulated', 1, null, '{}'] },
        { table: 'networks', columns: ['key', 'name', 'cluster_key', 'dhcp', 'cidr', 'dns', 'isolated'] },
        { row: [1, 'lan', 1, 0, '10.9.0.0/24', '[]', 0] },
        // The network's first address, in the table that a later version has made anew.
        { table: 'addresses', columns: ['network_key', 'address', 'next', 'state', 'owner', 'expires_at'] },
        { row: [1, '0a090001', '0a090002', 'used', 'nic/1', null] },
        { rows: 6 },
      ]
      const kit = await openKit(await db.options())
      const { engine, queries } = kit.database
      const summary = await kit.backup.restore(
        inPieces(
          await made(
            lines,
            old.map(({ name }) => name),
          ),
        ),
      )
      expect(summary).toMatchObject({ rows: 6, reopen: true })
      expect(await queries.selectFrom('addresses').select(['address', 'owner', 'pooled']).execute()).toEqual([
        { address: '0a090001', owner: 'nic/1', pooled: 0 },
      ])
      expect((await kit.groups.add({ name: 'next' })).key).toBe(5)
      // Every migration counts as done: the next to open the database finds nothing to do.
      await migrate(queries as never, engine)
      await closeKits()
      await using again = await openDatabase(await db.options())
      expect(again.installation).toBe('the old one')
    })

    it('killed in its last moment, it has changed nothing', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'virtkit-killed-'))
      try {
        const kit = await openKit(await db.options())
        const path = join(folder, 'empty.backup')
        await kit.backup.write(path)
        await fill(kit)
        // The chain of the audit log is made by whoever looks next.
        await kit.audit.verify()
        const before = await rowsIn(inPieces(await backupOf(kit)))
        await closeKits()
        const program = fileURLToPath(new URL('../../test/restore-process.ts', import.meta.url))
        const flags = ['--conditions=@virtkit/source', program, JSON.stringify(await db.options()), path]
        const child = spawn(process.execPath, flags, {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { ...process.env, VIRTKIT_TEST_KEY: encryption.keys[0]!.key },
        })
        const exited = once(child, 'exit')
        const [said] = (await Promise.race([once(child.stdout!, 'data'), exited])) as [unknown]
        expect(String(said)).toBe('done\n')
        child.kill('SIGKILL')
        await exited
        const again = await openKit(await db.options())
        await again.audit.verify()
        expect(await rowsIn(inPieces(await backupOf(again)))).toEqual(before)
        await again.backup.restore(path)
        expect(await again.machines.list()).toEqual([])
        expect((await again.audit.verify()).faults).toEqual([])
      } finally {
        await rm(folder, { recursive: true })
      }
    })
  })
})

describe('kit.backup.restore, whatever the engine', () => {
  afterEach(closeKits)

  it('refuses what is not whole, from another ring or another passphrase, and leaves everything as it is', async () => {
    const kit = await openKit({ sqlite: ':memory:' })
    await fill(kit)
    const before = await rowsIn(inPieces(await backupOf(kit)))
    const refused = async (bytes: Buffer, options: { passphrase?: Secret } = {}): Promise<unknown> =>
      kit.backup.restore(inPieces(bytes), options).then(
        () => 'taken',
        (error: { code: string; message: string }) => `${error.code} ${error.message}`,
      )
    for (const encrypt of ['installation', 'none'] as const) {
      const bytes = await backupOf(kit, { encryption: encrypt })
      // Any single bit, anywhere: in the header, the frames, the checksum.
      for (let at = 3; at < bytes.length; at += Math.ceil(bytes.length / 40)) {
        const changed = Buffer.from(bytes)
        changed[at]! ^= 1 << (at % 8)
        expect(await refused(changed)).toMatch(/^INVALID_INPUT backup: is no whole backup/)
      }
      for (const length of [0, 10, 300, bytes.length - 40, bytes.length - 1])
        expect(await refused(bytes.subarray(0, length))).toMatch(/^INVALID_INPUT backup: is no whole backup/)
      expect(await refused(Buffer.concat([bytes, Buffer.from('x')]))).toMatch(/checksum is wrong/)
    }
    const secret = new Secret('a passphrase of three')
    const locked = await backupOf(kit, { encryption: { passphrase: secret } })
    expect(await refused(locked)).toBe('INVALID_INPUT passphrase: is missing: this backup was made with one')
    expect(await refused(locked, { passphrase: new Secret('a passphrase of four') })).toMatch(
      /^INVALID_INPUT backup: does not open/,
    )
    const strange = await openKit(
      { sqlite: ':memory:' },
      { encryption: { keys: [{ id: 'x', key: randomBytes(32).toString('base64') }] } },
    )
    expect(await refused(await backupOf(strange))).toMatch(/^UNAUTHENTICATED The key "x"/)
    expect(await refused(await made([{ rows: 0 }], ['2099-01-01-tomorrow']))).toMatch(/^SCHEMA_TOO_NEW/)
    expect(await rowsIn(inPieces(await backupOf(kit)))).toEqual(before)
    expect(await refused(locked, { passphrase: secret })).toBe('taken')
  })
})
