import { type SimulatedHypervisor, createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import type { InstallMedia, VirtkitError } from '@virtkit/spi'
import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import type { AesKeyring } from '../src/access/aes-keyring.ts'
import { openKeyring } from '../src/access/open-keyring.ts'
import type { BackupSource } from '../src/backup/backup.ts'
import type { BackupRecord, Value } from '../src/backup/backup-rules.ts'
import { openBackup } from '../src/backup/open-backup.ts'
import type { DatabaseOptions } from '../src/database/open-database.ts'
import type { VirtkitOptions } from '../src/options/options.ts'
import { type Virtkit, createVirtkit } from '../src/virtkit.ts'

let shared: SimulatedHypervisor | undefined
const simulator = (): SimulatedHypervisor => (shared ??= createSimulatedHypervisor({ guests: 'none' }))
const opened: Virtkit[] = []
const nothing = { kernel: new Uint8Array(), initrd: new Uint8Array() }
const { catalog } = netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles: memoryBootFiles(nothing) })
/** Systems to install, and nobody who does it. */
const installMedia: InstallMedia = {
  catalog,
  open: async () => ({
    origin: 'http://127.0.0.1:1',
    medium: () => Promise.reject(new Error('nothing is installed here')),
    [Symbol.asyncDispose]: async () => {},
  }),
}
const errors: VirtkitError[] = []

export const encryption = { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] }
export const ring: Promise<AesKeyring> = openKeyring(encryption, { sqlite: ':memory:' }) as Promise<AesKeyring>

/** A kit that accepts work and leaves it to others: so what is under way stays so. */
export async function openKit(database: DatabaseOptions, options: Partial<VirtkitOptions> = {}): Promise<Virtkit> {
  const drivers = [simulator().driver]
  const fixed = { encryption, drivers, installMedia, operations: { work: false } }
  const kit = await createVirtkit({ database, ...fixed, onError: (error) => errors.push(error), ...options })
  opened.push(kit)
  return kit
}

/** For `afterEach`. Fails when something went wrong in the background. */
export async function closeKits(): Promise<void> {
  for (let kit = opened.pop(); kit; kit = opened.pop()) await kit.close()
  const [wrong] = errors.splice(0)
  if (wrong) throw wrong
}

/** For `afterAll`. Whoever comes next in this process gets another one. */
export async function closeSimulator(): Promise<void> {
  await shared?.close()
  shared = undefined
}

/** Something in most tables. Answers the keys that tests ask for. */
export async function fill(kit: Virtkit): Promise<{ group: number; cluster: number; network: number; machines: number[] }> {
  const credentials = { name: 'root at lab', username: 'root', password: 'kept under seal', url: simulator().url }
  const { key: credentialsKey } = await kit.credentials.add(credentials)
  const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: credentialsKey })
  const network = await kit.networks.add({ name: 'lan', cluster: cluster.key, cidr: '10.20.0.0/24', gateway: '10.20.0.1' })
  const group = await kit.groups.add({ name: 'team', networks: [network.key], clusters: [cluster.key] })
  await kit.users.add({ name: 'ada', password: 'correct horse battery', permissionGroups: ['operator'] })
  await kit.contingents.set(group.key, { vm: 9, cpu: 20, memory: 20_480, disk: 204_800 })
  await kit.settings.update({ installTimeoutMs: 60_000 })
  await kit.callbacks.add({ successUrl: 'https://a.example.com/ok', errorUrl: 'https://a.example.com/failed' })
  const machines: number[] = []
  for (const name of ['web-1', 'web-2']) {
    const size = { cpus: 2, memoryMiB: 2048, diskMiB: 20_480, os: 'debian-12' }
    const place = { owner: group.key, cluster: cluster.key, networks: [{ network: network.key }] }
    machines.push((await kit.machines.create({ name, ...place, ...size })).key)
  }
  return { group: group.key, cluster: cluster.key, network: network.key, machines }
}

/** A sink that keeps what it is given. */
export function collected(): { sink: Writable; bytes: () => Buffer } {
  const parts: Buffer[] = []
  const sink = new Writable({
    write: (part: Buffer, _encoding, done) => {
      parts.push(part)
      done()
    },
  })
  return { sink, bytes: () => Buffer.concat(parts) }
}

export async function backupOf(kit: Virtkit, options: Parameters<Virtkit['backup']['write']>[1] = {}): Promise<Buffer> {
  const { sink, bytes } = collected()
  await kit.backup.write(sink, options)
  return bytes()
}

export async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Rows by table, without what a restore changes on purpose. */
export async function rowsIn(source: Exclude<BackupSource, string>): Promise<Record<string, Record<string, Value>[]>> {
  const { records } = await openBackup(source, await ring, undefined)
  const tables: Record<string, Record<string, Value>[]> = {}
  let head: Extract<BackupRecord, { table: string }> | undefined
  for await (const record of records) {
    if ('table' in record) {
      head = record
      tables[record.table] = []
    }
    if (!('row' in record) || !head) continue
    const row = Object.fromEntries(head.columns.map((name, index) => [name, record.row[index]!]))
    delete row['pooled']
    const goesOn = ['event_cursors', 'audit_links'].includes(head.table) || row['name'] === 'audit-head'
    if (row['type'] !== 'backup.restored' && !goesOn) tables[head.table]!.push(row)
  }
  for (const rows of Object.values(tables)) rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return tables
}
