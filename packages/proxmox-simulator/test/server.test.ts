import { request } from 'node:https'
import { createHash } from 'node:crypto'
import { Agent } from 'node:https'
import { expect, it, vi } from 'vitest'
import { startProxmoxSimulator } from '../src/index.ts'
import { client } from './client.ts'

const users = [{ userid: 'root@pam', tokens: [{ tokenid: 't1', secret: 's', privsep: false }] }]
const root = 'root@pam!t1=s'
const fast = { tls: false, pace: 0, users } as const

it('lets in by ticket and CSRF token, and refuses without body or content type', async () => {
  await using simulator = await startProxmoxSimulator({ tls: false, pace: 0, password: 'pass' })
  const { ask } = client(simulator)
  expect(await ask('GET', '/version')).toMatchObject({ status: 401, reason: 'No ticket', text: '' })
  expect((await ask('GET', '/version')).headers.get('content-type')).toBeNull()
  const wrong = await ask('POST', '/access/ticket', { username: 'root@pam', password: 'x' })
  expect(wrong).toMatchObject({ status: 401, reason: 'authentication failure', data: null })
  const { data } = await ask('POST', '/access/ticket', { username: 'root', password: 'pass' })
  const { ticket, CSRFPreventionToken: csrf, username } = data as Record<string, string>
  expect(username).toBe('root@pam')
  const cookie = { cookie: `PVEAuthCookie=${encodeURIComponent(ticket ?? '')}` }
  expect((await ask('GET', '/version', {}, cookie)).status).toBe(200)
  const change = ['POST', '/nodes/pve1/qemu', { vmid: 100 }] as const
  expect((await ask(...change, cookie)).reason).toBe('Permission denied - invalid csrf token')
  expect((await ask(...change, { ...cookie, csrfpreventiontoken: csrf ?? '' })).status).toBe(200)
  // A ticket renews itself in the place of the password.
  expect((await ask('POST', '/access/ticket', { username: 'root@pam', password: ticket })).status).toBe(200)
  simulator.accounts.endTickets()
  expect(await ask('GET', '/version', {}, cookie)).toMatchObject({ status: 401, reason: 'Authentication failed!' })
})

it('serves HTTPS with a certificate that a client can pin', async () => {
  await using simulator = await startProxmoxSimulator({ pace: 0, users })
  const ca = simulator.certificate?.cert
  const agent = new Agent({ ca })
  const status = (options: object): Promise<unknown> =>
    new Promise((resolve) => {
      const asking = request(`${simulator.url}/api2/json/version`, {
        headers: { authorization: `PVEAPIToken=${root}` },
        ...options,
      })
      asking.on('response', (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      asking.on('error', (error: Error & { code?: string }) => resolve(error.code))
      asking.end()
    })
  expect(await status({ agent })).toBe(200)
  expect(await status({})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  agent.destroy()
})

it.each([
  ['one that it does not know', { nope: 1 }, { nope: /not defined in schema/ }],
  ['a number that is none', { memory: 64, cores: 'x' }, { cores: /^type check \('integer'\) failed - got 'x'$/ }],
  ['a number that is too small', { cores: 0 }, { cores: /^value must have a minimum value of 1$/ }],
  [
    'a word that is not in the list',
    { ostype: 'beos' },
    { ostype: /^value 'beos' does not have a value in the enumeration/ },
  ],
  ['a boolean that is none', { onboot: 'maybe' }, { onboot: /^type check \('boolean'\) failed/ }],
  ['what needs something else', { force: 1 }, { archive: /^missing property - 'force' requires this property$/ }],
  ['an unknown option of a card', { net0: 'virtio,brigde=vmbr0' }, { net0: /brigde: property is not defined/ }],
])('refuses %s with 400, by parameter', async (_, params, errors) => {
  await using simulator = await startProxmoxSimulator(fast)
  const answer = await client(simulator, root).ask('POST', '/nodes/pve1/qemu', { vmid: 100, ...params })
  expect(answer).toMatchObject({ status: 400, reason: 'Parameter verification failed.' })
  const told = answer.errors as Record<string, string>
  expect(Object.keys(told)).toEqual(Object.keys(errors))
  for (const [name, pattern] of Object.entries(errors)) expect(told[name]).toMatch(pattern)
})

it('keeps of an unencoded value what stands before the second equals sign', async () => {
  await using simulator = await startProxmoxSimulator(fast)
  const response = await fetch(`${simulator.url}/api2/json/nodes/pve1/qemu`, {
    method: 'POST',
    headers: { authorization: `PVEAPIToken=${root}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'vmid=100&description=a=b',
  })
  expect(response.status).toBe(200)
  await simulator.tasks.settled()
  expect(simulator.world.machines.get(100)?.config.get('description')).toBe('a')
})

it('refuses chunked bodies and large forms', async () => {
  await using simulator = await startProxmoxSimulator(fast)
  const headers = { authorization: `PVEAPIToken=${root}` }
  const target = `${simulator.url}/api2/json/nodes/pve1/storage/local/upload`
  const stream = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode('x'))
      controller.close()
    },
  })
  const chunked = await fetch(target, { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit)
  expect([chunked.status, chunked.statusText]).toEqual([501, 'chunked transfer encoding not supported'])
  const large = await client(simulator, root).ask('POST', '/nodes/pve1/qemu', {
    vmid: 100,
    description: 'x'.repeat(600_000),
  })
  expect([large.status, large.reason]).toEqual([501, 'for data too large'])
})

it('takes an upload whose file comes last, rewrites its name and checks what it was told', async () => {
  await using simulator = await startProxmoxSimulator(fast)
  const bytes = Buffer.alloc(300_000, 'iso\r\n--x')
  const upload = async (fields: Record<string, string>, name: string, fileFirst = false): Promise<Response> => {
    const form = new FormData()
    if (fileFirst) form.append('filename', new Blob([bytes]), name)
    for (const [key, value] of Object.entries(fields)) form.append(key, value)
    if (!fileFirst) form.append('filename', new Blob([bytes]), name)
    // Of known length: what fetch makes of a form by itself would be chunked.
    const whole = new Response(form)
    const type = whole.headers.get('content-type') ?? ''
    return fetch(`${simulator.url}/api2/json/nodes/pve1/storage/local/upload`, {
      method: 'POST',
      headers: { authorization: `PVEAPIToken=${root}`, 'content-type': type },
      body: Buffer.from(await whole.arrayBuffer()),
    })
  }
  const exitOf = async (response: Response): Promise<string | undefined> => {
    const { data } = (await response.json()) as { data: string }
    await simulator.tasks.settled()
    return simulator.tasks.get(data).exitstatus
  }
  expect(await exitOf(await upload({ content: 'iso' }, 'my file (1)ü.iso'))).toBe('OK')
  expect(simulator.world.storages.find('local:iso/my_file__1___.iso', 'pve1')).toMatchObject({ size: bytes.length })
  const checksum = createHash('sha256').update(bytes).digest('hex')
  expect(await exitOf(await upload({ content: 'iso', 'checksum-algorithm': 'sha256', checksum }, 'a.iso'))).toBe('OK')
  const mismatch = await upload({ content: 'iso', 'checksum-algorithm': 'sha256', checksum: '0'.repeat(64) }, 'b.iso')
  expect(await exitOf(mismatch)).toMatch(`checksum mismatch: got '${checksum}'`)
  expect(simulator.world.storages.find('local:iso/b.iso', 'pve1')).toBeUndefined()
  const early = await upload({ content: 'iso' }, 'c.iso', true)
  expect(early.status).toBe(400)
  expect(await early.json()).toMatchObject({ errors: { content: 'property is missing and it is not optional' } })
  const text = await upload({ content: 'iso' }, 'c.txt')
  expect(await text.json()).toMatchObject({ errors: { filename: 'wrong file extension' } })
})

it('does what a rule wants to go wrong, so many times', async () => {
  await using simulator = await startProxmoxSimulator(fast)
  const { ask, run } = client(simulator, root)
  const create = (vmid: number): ReturnType<typeof ask> => ask('POST', '/nodes/pve1/qemu', { vmid })
  const path = '/nodes/{node}/qemu'
  simulator.faults.add({ method: 'POST', path, kind: 'refused', times: 1 })
  expect(await create(100)).toMatchObject({ status: 595, reason: 'Connection refused', text: '' })
  expect(simulator.world.machines.has(100)).toBe(false)
  simulator.faults.clear()
  simulator.faults.add({ method: 'POST', path, kind: 'timed-out-done', times: 1 })
  expect(await create(101)).toMatchObject({ status: 596, reason: 'Connection timed out', text: '' })
  expect(simulator.world.machines.has(101)).toBe(true)
  await using late = await startProxmoxSimulator({ ...fast, pace: 0.005 })
  late.faults.add({ method: 'POST', path, kind: 'timed-out-done-later', ms: 100_000, times: 1 })
  expect((await client(late, root).ask('POST', '/nodes/pve1/qemu', { vmid: 100 })).status).toBe(596)
  expect(late.world.machines.has(100)).toBe(false)
  await vi.waitFor(() => expect(late.world.machines.has(100)).toBe(true), { timeout: 10_000 })
  simulator.faults.add({ path, kind: 'answer-lost', times: 1 })
  await expect(create(102)).rejects.toThrow('fetch failed')
  expect(simulator.world.machines.has(102)).toBe(true)
  await simulator.tasks.settled()
  simulator.faults.add({ task: 'qmstart', message: 'start failed: out of luck', after: 1, times: 1 })
  const start = (vmid: number): Promise<string> => run('POST', `/nodes/pve1/qemu/${vmid}/status/start`)
  expect(await start(101)).toBe('OK')
  expect(await start(102)).toBe('start failed: out of luck')
  expect(await start(102)).toBe('OK')
  simulator.faults.add({ task: 'qmstop', warning: 'a little out of luck' })
  expect(await run('POST', '/nodes/pve1/qemu/102/status/stop')).toBe('WARNINGS: 1')
  expect(simulator.world.machines.get(102)?.running).toBeUndefined()
  const status = '/nodes/{node}/tasks/{upid}/status'
  const forgotten = { upid: 'no such task' }
  simulator.faults.add({
    path: status,
    kind: 'error',
    status: 400,
    message: 'Parameter verification failed.',
    errors: forgotten,
  })
  expect((await ask('GET', '/nodes/pve1/tasks/UPID:x/status')).errors).toEqual(forgotten)
  expect(simulator.requests.filter(({ method, path: asked }) => method === 'POST' && asked === '/nodes/pve1/qemu')).toEqual(
    [
      { method: 'POST', path: '/nodes/pve1/qemu', status: 595 },
      { method: 'POST', path: '/nodes/pve1/qemu', status: 596 },
      { method: 'POST', path: '/nodes/pve1/qemu', status: 0 },
    ],
  )
})

it('knows nodes that it cannot reach, and names that it does not know', async () => {
  await using simulator = await startProxmoxSimulator({
    ...fast,
    nodes: [{ node: 'pve1' }, { node: 'pve2', online: false }],
  })
  const { ask } = client(simulator, root)
  expect((await ask('GET', '/nodes/pve9/qemu')).reason).toMatch(/^hostname lookup 'pve9' failed - /)
  expect((await ask('GET', '/nodes/pve2/qemu')).status).toBe(595)
  expect((await ask('GET', '/nodes')).data).toMatchObject([{ status: 'online' }, { node: 'pve2', status: 'offline' }])
})

it('closes while requests wait and tasks run', async () => {
  const simulator = await startProxmoxSimulator({ tls: false, pace: 1, users })
  const { ask } = client(simulator, root)
  await ask('POST', '/nodes/pve1/qemu', { vmid: 100 })
  const waiting = ask('GET', '/version', {}, { authorization: 'PVEAPIToken=root@pam!t1=wrong' })
  const settled = waiting.catch((error: Error) => error.message)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const before = performance.now()
  await Promise.all([simulator.close(), simulator.close()])
  expect(performance.now() - before).toBeLessThan(1000)
  expect(await settled).toBe('fetch failed')
})
