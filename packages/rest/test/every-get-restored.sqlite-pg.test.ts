import { type UserActor, type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import { type SimulatedHypervisor, createSimulatedHypervisor, fastPace } from '@virtkit/driver-simulated'
import { type DatabaseLocation, eachDatabase } from '@virtkit/test-databases'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signLicense } from '@virtkit/core'
import { expect, it } from 'vitest'
import { createRestServer } from '../src/index.ts'
import { type Walked, addSide, requestFor, walked } from './matrix/matrix-lab.ts'
import type { Side } from './matrix/samples.ts'
import { media } from './rest-lab.ts'

// A backup of a full installation, restored into the other engine, answers every GET of the contract as before. A new one is asked as
// soon as it has a line in `matrix/samples.ts`.

/** What is not compared, or not all of it, and why. */
const differs: Readonly<Record<string, { readonly why: string; readonly rest?: (text: string) => string }>> = {
  'audit.list': { why: 'the restore is one entry more', rest: withoutRestore },
  'audit.verify': { why: 'the restore is one link more', rest: (text) => String(JSON.parse(text).faults.length) },
  'backup.get': { why: 'each backup has a key and a name of its own' },
  'callbacks.deliveries': { why: 'what waited is given up: it may have been told since', rest: withoutWaiting },
  'events.all': { why: 'a stream without an end; what it tells is compared through audit.list' },
  'logs.follow': { why: 'a stream without an end, of what processes log; no log is in a backup' },
  'monitoring.metrics': { why: 'requests are of a process; an undelivered callback is given up', rest: gaugesIn },
  'notificationFilter.deliveries': { why: 'what was told is not told again, and not kept' },
  'token.get': { why: 'it makes a token' },
}

function withoutRestore(text: string): string {
  return JSON.stringify((JSON.parse(text) as { action: string }[]).filter(({ action }) => action !== 'backup.restored'))
}

function withoutWaiting(text: string): string {
  const deliveries = JSON.parse(text) as { state: string; problem: string }[]
  return JSON.stringify(
    deliveries.filter(({ state, problem }) => state !== 'due' && !problem.startsWith('A backup was restored')),
  )
}

function gaugesIn(text: string): string {
  const lines = text.split('\n').filter((line) => /^virtkit_(operations|machines|contingent|addresses)/.test(line))
  return lines.toSorted().join('\n')
}

/** Empty in a database that was just restored, or at rest. */
const emptyAtRest = ['access_tokens', 'notices', 'replies', 'login_failures', 'scheduled_update']
const sometimesEmpty = ['free_addresses', 'address_windows', 'notification_deliveries']

const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const options = (simulator: SimulatedHypervisor): Omit<VirtkitOptions, 'database'> => ({
  encryption: { keys: [{ id: 'test', key: Buffer.alloc(32, 3).toString('base64') }] },
  drivers: [simulator.driver],
  installMedia: media(),
  operations: { pollMs: 100 },
  licensing: { publicKey },
  eula: { en: 'Be kind.', de: 'Sei freundlich.' },
  updates: { current: '1.0.0', available: async () => '1.1.0' },
  eventSinks: [{ name: 'host', deliver: async () => {} }],
  logs: false,
})

/** Something in every table. */
async function fill(kit: Virtkit, simulator: SimulatedHypervisor): Promise<Side> {
  const terms = { customerId: 'C-17', virtualMachines: 50, issuedAt: 1, expiresAt: Date.UTC(2100, 0) }
  await kit.license.install(signLicense(privateKey, terms))
  const { key: user } = await kit.users.add({
    name: 'root',
    password: 'correct horse battery',
    permissionGroups: ['administrator'],
  })
  await kit.users.authenticate('root', 'correct horse battery', { address: '192.0.2.7' })
  await kit.eula.accept({ actor: await kit.users.actor(user) })
  const lab = { kit, simulator }
  const side = await addSide(lab, 'ours', [user], kit.catalog.find('debian-12')!.key)
  await addSide(lab, 'theirs1', [], side.os)
  await kit.clusters.update(side.cluster, { callbacks: [side.callback] })
  const { runId } = await kit.installs.start(side.machine)
  await kit.installs.whenReady(runId)
  await kit.snapshots.create(side.machine, { name: 'before', description: 'an update' })
  await kit.images.sync(side.cluster)
  await kit.clusters.syncNetworks(side.cluster)
  await kit.settings.update({ installTimeoutMs: 1_800_000, serviceLevels: { core: 'warning' } })
  await kit.mailSettings.replace({
    server: 'mail.example.com',
    sender: 'kit@example.com',
    username: 'kit',
    password: 'sealed',
  })
  await kit.database.transaction((queries) =>
    kit.contingents.reserve(queries, {
      owner: 'host/1',
      groupKey: side.group,
      amount: { vm: 1, cpu: 1, memory: 1024, disk: 1024 },
      expiresAt: Date.UTC(2100, 0),
    }),
  )
  return side
}

async function emptyTables({ database }: Virtkit): Promise<string[]> {
  const tables = await database.queries.introspection.getTables()
  const empty: string[] = []
  for (const { name, isView } of tables) {
    if (isView) continue
    const row = await database.queries
      .selectFrom(name as 'users')
      .select(({ lit }) => lit(1).as('one'))
      .limit(1)
      .executeTakeFirst()
    if (!row) empty.push(name)
  }
  return empty.filter((name) => !sometimesEmpty.includes(name)).toSorted()
}

/** What each GET answers the administrator, who is not asked for a password: that would be written down. */
async function everyGet(kit: Virtkit, side: Side): Promise<Map<string, { status: number; text: string }>> {
  const administrator: UserActor = await kit.users.actor((await kit.users.list()).find(({ name }) => name === 'root')!.key)
  await using rest = createRestServer(kit, { authenticate: () => administrator })
  const answers = new Map<string, { status: number; text: string }>()
  for (const each of walked.filter(({ operation }) => operation.method === 'GET')) answers.set(each.name, await ask(each))
  return answers

  async function ask(each: Walked): Promise<{ status: number; text: string }> {
    const known = differs[each.name]
    if (known && !known.rest) return { status: 200, text: '' }
    const response = await rest.fetch(requestFor(each, side, undefined))
    const text = await response.text()
    return { status: response.status, text: known?.rest?.(text) ?? text }
  }
}

async function restoreInto(database: DatabaseLocation, file: string, simulator: SimulatedHypervisor): Promise<Virtkit> {
  const kit = await createVirtkit({ database, ...options(simulator), operations: { work: false } })
  const { reopen, endedOperations } = await kit.backup.restore(file)
  expect({ reopen, endedOperations }).toEqual({ reopen: true, endedOperations: 0 })
  await kit.close()
  return createVirtkit({ database, ...options(simulator) })
}

eachDatabase((db) => {
  it('restored there and back from SQLite, every GET answers the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtkit-every-get-'))
    const simulator = createSimulatedHypervisor({
      pace: fastPace,
      world: { networks: [{ name: 'ours' }, { name: 'theirs1' }, { name: 'dmz' }] },
    })
    try {
      const [first, second] = [join(folder, 'first.backup'), join(folder, 'second.backup')]
      let kit = await createVirtkit({ database: { sqlite: join(folder, 'a.db') }, ...options(simulator) })
      const side = await fill(kit, simulator)
      expect(await emptyTables(kit)).toEqual(emptyAtRest.toSorted())
      const before = await everyGet(kit, side)
      expect([...before].filter(([, { status }]) => status !== 200)).toEqual([])
      await kit.backup.write(first)
      await kit.close()

      kit = await restoreInto(await db.options(), first, simulator)
      expect(Object.fromEntries(await everyGet(kit, side))).toEqual(Object.fromEntries(before))
      await kit.backup.write(second, { encryption: 'none' })
      await kit.close()

      kit = await restoreInto({ sqlite: join(folder, 'b.db') }, second, simulator)
      expect(Object.fromEntries(await everyGet(kit, side))).toEqual(Object.fromEntries(before))
      expect(await kit.contingents.verify()).toEqual([])
      await kit.close()
    } finally {
      await simulator.close()
      await rm(folder, { recursive: true })
    }
  })

  it('what is not compared is an operation of the contract', () => {
    const names = walked.filter(({ operation }) => operation.method === 'GET').map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(Object.keys(differs)))
    expect(names.length).toBeGreaterThan(50)
  })
})
