import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type FakeHost, fakeHost } from '../../../test/run-command.ts'
import { runVirtkit } from '../../run.ts'

const main = fileURLToPath(new URL('../../main.ts', import.meta.url))
const password = 'correct horse battery'
const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`

let folder = ''
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtkit-serve-'))
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const listening = /^virtkit: listening on (http:\/\/127\.0\.0\.1:\d+)\n$/

async function urlOf(host: FakeHost, ended: Promise<number>): Promise<string> {
  const tooEarly = ended.then(() => Promise.reject(new Error(host.complained)))
  await Promise.race([tooEarly, vi.waitFor(() => expect(host.printed).toMatch(listening), 20_000)])
  tooEarly.catch(() => {})
  return listening.exec(host.printed)![1]!
}

it('one line says where; the API and what watches it are there until it is interrupted', async () => {
  const env = { VIRTKIT_ADMIN_PASSWORD: password, VIRTKIT_METRICS_TOKEN: 'token-of-prometheus', VIRTKIT_SIMULATED: '1' }
  const host = fakeHost({ cwd: folder, env })
  const ended = runVirtkit(['serve', '--database', ':memory:'], host)
  const url = await urlOf(host, ended)
  const callbacks = await fetch(`${url}/rest/v1/callbacks`, { headers: { authorization } })
  expect([callbacks.status, await callbacks.json()]).toEqual([200, []])
  for (const [target, status] of [
    ['127.0.0.1', 200],
    ['10.0.0.1', 400],
  ] as const) {
    const body = new URLSearchParams({ callbackurl: `http://${target}:9000/`, errorcallbackurl: `http://${target}:9000/` })
    const made = await fetch(`${url}/rest/v1/callbacks`, { method: 'POST', headers: { authorization }, body })
    expect([target, made.status]).toEqual([target, status])
  }
  for (const place of [url, `${url}/rest/v1`]) {
    expect(await (await fetch(`${place}/health`)).json()).toEqual({ status: 'alive' })
    expect(await (await fetch(`${place}/ready`)).json()).toEqual({ status: 'ready' })
    expect((await fetch(`${place}/metrics`)).status).toBe(401)
    const metrics = await fetch(`${place}/metrics`, { headers: { authorization: 'Bearer token-of-prometheus' } })
    expect(await metrics.text()).toContain('virtkit_addresses{network="1",name="lan",state="free"} 253')
  }
  host.interrupt()
  expect(await ended).toBe(0)
  await expect(fetch(url)).rejects.toThrow('fetch failed')
  expect(host.printed).toMatch(listening) // and nothing else
  expect(host.complained).toMatch(/cluster 1, network 1, owner group 1\n/)
  expect(host.complained).toMatch(/the administrator is admin, with the password of VIRTKIT_ADMIN_PASSWORD\n/)
  expect(host.complained).not.toContain(password)
})

it('a random password is told once, however quiet; the same world is found again', async () => {
  const said: string[] = []
  for (let run = 0; run < 2; run += 1) {
    const host = fakeHost({ cwd: folder })
    const ended = runVirtkit(['serve', '--simulated', '--quiet'], host)
    await urlOf(host, ended)
    host.interrupt()
    expect(await ended).toBe(0)
    said.push(host.complained)
  }
  expect(said).toEqual([
    expect.stringMatching(/^virtkit: the administrator is admin, with the password \S{16,} \(told this once\)\n$/),
    '',
  ])
  const again = fakeHost({ cwd: folder })
  const ended = runVirtkit(['serve', '--simulated'], again)
  await urlOf(again, ended)
  again.interrupt()
  await ended
  expect(again.complained).toMatch(/cluster 1, network 1, owner group 1\n/)
})

it('what is wrong before it listens is said with the way out, and nothing stays open', async () => {
  const taken: Server = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['--port', String(port)], /^CONFLICT: Port \d+ of 127\.0\.0\.1 is taken.*\nNext: .*another port/m],
    [['--database', 'postgres://nobody@127.0.0.1:9/none'], /^DATABASE_UNAVAILABLE: [^]*\nNext: Check that it runs/m],
    [['--host', '192.0.2.1'], /host: 192\.0\.2\.1 is not an address of this machine/],
    [['--trust-proxy', '10.0.0.1,proxy'], /--trust-proxy: is neither an address nor a network: proxy \(write it like/],
    [['--tls-cert', 'c.pem'], /--tls-key: is missing/],
    [['--allow-receivers', '10.0.0.0/8,lab'], /receivers\.allow\[1\]: must be a network like '10\.0\.0\.0\/8'/],
    [['--tls-cert', 'c.pem', '--tls-key', 'k.pem'], /--tls-cert: c\.pem cannot be read \(ENOENT\) \(name a PEM file\)/],
  ]
  for (const [args, said] of wrong) {
    const database = args[0] === '--database' ? [] : ['--database', ':memory:']
    const host = fakeHost({ cwd: folder, env: { VIRTKIT_ADMIN_PASSWORD: password } })
    expect(await runVirtkit(['serve', ...args, ...database], host)).toBe(1)
    expect(host.complained).toMatch(said)
    expect(host.printed).toBe('')
  }
  taken.close()
})

it('as a process: SIGTERM lets a request end and exits 0; a second one ends it at once', async () => {
  const [patient, url] = await start()
  const slow = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8')
  const body = 'callbackurl=https://a.example.com&errorcallbackurl=https://b.example.com'
  const head = ['POST /rest/v1/callbacks HTTP/1.1', 'host: x', `authorization: ${authorization}`]
  head.push('content-type: application/x-www-form-urlencoded', `content-length: ${body.length}`)
  slow.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 10)}`)
  await vi.waitFor(async () => expect(await underWay(url)).toBe(2), 10_000) // it and the one that asks
  const exit = once(patient, 'exit')
  patient.kill('SIGTERM')
  await vi.waitFor(() => expect(fetch(url)).rejects.toThrow('fetch failed'), 10_000)
  slow.write(body.slice(10))
  const [answer] = (await once(slow, 'data')) as [string]
  expect(answer).toMatch(/^HTTP\/1\.1 200 .*connection: close/is)
  expect(await exit).toEqual([0, null])

  const [stuck, other] = await start()
  const held = connect(Number(new URL(other).port), '127.0.0.1')
  held.on('error', () => {})
  held.write(`${head.join('\r\n')}\r\n\r\n`)
  await vi.waitFor(async () => expect(await underWay(other)).toBe(2), 10_000)
  const end = once(stuck, 'exit')
  stuck.kill('SIGTERM')
  await vi.waitFor(() => expect(fetch(other)).rejects.toThrow('fetch failed'), 10_000)
  stuck.kill('SIGTERM')
  expect(await end).toEqual([null, 'SIGTERM'])
})

async function start(): Promise<[ChildProcess, string]> {
  const child = spawn(process.execPath, ['--conditions=@virtkit/source', main, 'serve', '--quiet'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], VIRTKIT_ADMIN_PASSWORD: password, VIRTKIT_METRICS_TOKEN: 'token-of-prometheus' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return [child, listening.exec(`${line}\n`)![1]!]
}

async function underWay(url: string): Promise<number> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer token-of-prometheus' } })
  return Number(/^virtkit_http_requests_under_way (\d+)$/m.exec(await answer.text())?.[1])
}
