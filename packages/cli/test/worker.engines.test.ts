import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { commandSender } from '@virtkit/queue'
import { openEngine } from '@virtkit/test-engines/clients'
import type { ProvidedEngines } from '@virtkit/test-engines/provided'
import { Client } from 'pg'
import { expect, inject, it, onTestFinished, vi } from 'vitest'
import { freePort } from '@virtkit/test-databases/free-port'
import { startServe } from './serve-process.ts'

const patiently = { interval: 100, timeout: 90_000 }
const engines: ProvidedEngines = inject('engines')
const postgres = inject('postgres')

it.skipIf('missing' in engines || 'missing' in postgres)(
  'one process serves the API and what machines boot from, another does the work and takes commands',
  async () => {
    if ('missing' in engines || 'missing' in postgres) return
    const folder = mkdtempSync(join(tmpdir(), 'virtkit-worker-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const database = await emptyDatabase(postgres.url)
    const bootPort = await freePort()
    const boot = ['--boot-host', '127.0.0.1', '--boot-port', String(bootPort)]
    using server = await startServe(folder, ['--simulated', '--no-work', '--database', database, ...boot])
    const { ask } = server
    const place = { owner: 1, clusterkey: 1, datastore: 'auto', networks: [1] }
    const size = { cpu: 2, ram: '2GB', disc: '20GB', oskey: 112 }
    const create = (name: string) => ask('POST', '/virtualmachines', { name, ...size, ...place })
    const { key } = await create('web-1')
    const path = `/virtualmachines/${String(key)}`
    const { operation } = await ask('POST', `${path}/install`)
    expect(await ask('GET', `/operations/${String(operation)}`)).toMatchObject({ state: 'pending' })

    const queue = `commands-${randomUUID()}`
    const environment = {
      VIRTKIT_DATABASE: database,
      VIRTKIT_BOOT_ORIGIN: `http://127.0.0.1:${bootPort}`,
      VIRTKIT_QUEUE: engines.redis,
    }
    const hire = () => startWorker(folder, ['--commands', queue, '--user', 'admin'], environment)
    using worker = await hire()
    await vi.waitFor(async () => expect(await ask('GET', path)).toMatchObject({ status: 'deployed' }), patiently)
    expect(await ask('GET', `${path}/info`)).toMatchObject({ powerstate: 'on' })

    const opened = await openEngine('bullmq', engines.redis)
    onTestFinished(() => opened.close())
    await commandSender(opened.engine, { to: queue }).send('virtualMachines.poweroff', { key: Number(key) })
    await vi.waitFor(async () => expect(await ask('GET', `${path}/info`)).toMatchObject({ powerstate: 'off' }), patiently)

    // Told to end in the middle of its work, it gives back what it holds; the next one need not wait for leases to die.
    const others: unknown[] = []
    for (const name of ['web-2', 'web-3', 'web-4']) {
      const made = await create(name)
      others.push(made['key'])
      await ask('POST', `/virtualmachines/${String(made['key'])}/install`)
    }
    const client = new Client({ connectionString: database })
    await client.connect()
    onTestFinished(() => client.end())
    const held = async (): Promise<number> => {
      const { rowCount } = await client.query('select 1 from operations where ended_at is null and lease_owner is not null')
      return rowCount ?? 0
    }
    await vi.waitFor(async () => expect(await held()).toBeGreaterThan(0), { interval: 1, timeout: 90_000 })
    expect(await worker.end()).toBe(0)
    expect(await held()).toBe(0)
    using next = await hire()
    for (const other of others) {
      const read = () => ask('GET', `/virtualmachines/${String(other)}`)
      await vi.waitFor(async () => expect(await read()).toMatchObject({ status: 'deployed' }), patiently)
    }
    expect(await next.end()).toBe(0)
  },
  180_000,
)

it('a worker says what it must be told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-worker-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const child = run(folder, ['--commands', 'x'], {})
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said += String(chunk)))
  const [code] = (await once(child, 'close')) as [number]
  expect(code).not.toBe(0)
  for (const name of ['--database', '--boot-origin', 'VIRTKIT_QUEUE']) expect(said).toContain(name)
})

function run(cwd: string, given: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  return spawn(process.execPath, ['--conditions=@virtkit/source', main, 'worker', ...given], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function startWorker(...asked: Parameters<typeof run>): Promise<Disposable & { end(): Promise<number> }> {
  const child = run(...asked)
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said += String(chunk)))
  const ended = once(child, 'close').then(([code]) => code as number)
  const line = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line').then(([text]) => String(text)),
    ended.then((code) => `it ended with ${code}: ${said}`),
  ])
  expect(line).toBe('virtkit: at work')
  return {
    end: async () => {
      child.kill('SIGTERM')
      return ended
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

async function emptyDatabase(url: string): Promise<string> {
  const name = `worker_${randomUUID().replaceAll('-', '')}`
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
}
