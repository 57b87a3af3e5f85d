import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createVirtkit } from '@virtkit/core'
import { simulated } from '@virtkit/driver-simulated'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fakeHost, runCommand } from '../../../test/run-command.ts'
import { runVirtkit } from '../../run.ts'

let cwd: string
let database: string

const release = { id: 'tiny', name: 'Tiny', minimum: { cpus: 1, memoryMiB: 1, diskMiB: 1 } }
const installMedia = {
  catalog: { list: () => [release], find: () => release },
  open: async () => ({ origin: 'http://127.0.0.1:1', [Symbol.asyncDispose]: async () => {} }),
}

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'virtkit-verify-'))
  database = join(cwd, 'virtkit.db')
  const kit = await createVirtkit({
    database: { sqlite: database },
    drivers: [simulated],
    installMedia: installMedia as never,
  })
  const cluster = (await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: 'simulated:' } })).key
  const network = (await kit.networks.add({ name: 'lan', cluster, cidr: '10.20.0.0/24' })).key
  const owner = (await kit.groups.add({ name: 'team-a' })).key
  await kit.contingents.set(owner, { vm: 9, cpu: 9, memory: 9000, disk: 9000 })
  const size = { os: 'tiny', cpus: 2, memoryMiB: 512, diskMiB: 1024, networks: [{ network }] }
  for (const name of ['a', 'b']) await kit.machines.create({ name, owner, cluster, ...size })
  await kit.close()
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

function byHand(...statements: string[]): void {
  const db = new Database(database)
  for (const statement of statements) db.prepare(statement).run()
  db.close()
}

const verify = async (...more: string[]) => {
  const host = fakeHost({ cwd })
  const code = await runVirtkit(['contingent', 'verify', '--database', 'virtkit.db', ...more], host)
  return { code, printed: host.printed, complained: host.complained }
}

it('books that agree end with 0, and nothing is left beside the database', async () => {
  const before = (await readdir(cwd)).filter((name) => !/-(wal|shm)$/.test(name))
  expect(await verify()).toEqual({
    code: 0,
    printed: 'Contingents agree with machines, and addresses with network cards.\n',
    complained: '',
  })
  expect((await readdir(cwd)).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(before)
})

it('drift written by hand is told in a table, and ends with 3', async () => {
  byHand(
    'update contingents set cpu_used = 7, disk_used = 1024',
    "delete from addresses where owner = 'nic/1'",
    "update machine_networks set ip = '10.20.0.99' where key = 2",
  )
  const { code, printed } = await verify()
  expect(code).toBe(3)
  expect(printed.split('\n')).toEqual([
    'group   dimension  kind  recorded  actual',
    'team-a  cpus       used         7       4',
    'team-a  disk MiB   used      1024    2048',
    '',
    'network  machine  card  in the book  on the card',
    '1        1        1     none         10.20.0.1',
    '1        2        2     10.20.0.2    10.20.0.99',
    '',
    '2 differences of contingents, 2 of addresses.',
    '',
  ])
})

it('with --json each difference is a line', async () => {
  byHand(
    'update contingents set vm_used = 3',
    "insert into addresses (network_key, address, state, owner) select network_key, substr(address, 1, length(address) - 1) || '7', state, 'nic/77' from addresses where owner = 'nic/1'",
  )
  const { code, printed } = await verify('--json')
  expect(code).toBe(3)
  expect(
    printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toMatchObject([
    { event: 'contingent', group: 1, dimension: 'vm', kind: 'used', recorded: 3, actual: 2 },
    { event: 'address', network: 1, card: 77, recorded: '10.20.0.7' },
    { event: 'verified', contingents: 1, addresses: 1 },
  ])
})

it('a database that is not there is not made', async () => {
  const ended = await runCommand(['contingent', 'verify', '--database', 'nowhere.db'], { cwd })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('there is no file')
  expect(await readdir(cwd)).not.toContain('nowhere.db')
})

it('help tells the exit codes', async () => {
  const host = fakeHost({ cwd })
  expect(await runVirtkit(['contingent', 'verify', '--help'], host)).toBe(0)
  expect(host.printed).toContain('3 when there is one')
})
