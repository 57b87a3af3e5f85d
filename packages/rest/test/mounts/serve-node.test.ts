import { once } from 'node:events'
import { type IncomingMessage, request as ask } from 'node:http'
import { request as askSecurely } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { serveNode, trustProxies } from '../../src/mounts/node.ts'
import { cert, key, otherKey } from './certificate.ts'
import { answering } from './hosts.ts'

const ok = answering(() => new Response('ok'))

it('serves until it is closed, and closing again is the same', async () => {
  const server = await serveNode(ok)
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
  expect(await (await fetch(server.url)).text()).toBe('ok')
  await Promise.all([server.close(), server.close()])
  await expect(fetch(server.url)).rejects.toThrow('fetch failed')
})

it('answers under way end, streams of events are ended, and new ones are not taken', async () => {
  const slow = Promise.withResolvers<void>()
  const rest = answering(async ({ url }) => {
    if (url.endsWith('/events')) {
      return new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } })
    }
    await slow.promise
    return new Response('done')
  })
  const server = await serveNode(rest)
  const events = await fetch(`${server.url}/events`)
  const underWay = fetch(`${server.url}/slow`)
  await sleep(20)
  let isClosed = false
  const closing = server.close().then(() => (isClosed = true))
  expect(await events.text()).toBe('') // ended in order, not broken off
  await expect(fetch(server.url)).rejects.toThrow('fetch failed')
  expect(isClosed).toBe(false)
  slow.resolve()
  const answer = await underWay
  expect([await answer.text(), answer.headers.get('connection')]).toEqual(['done', 'close'])
  await closing
})

it('who asks is who is connected, or whom a proxy that is trusted names', async () => {
  const rest = answering((_request, caller) => new Response(caller?.address))
  const headers = { 'x-forwarded-for': '203.0.113.9, 192.0.2.7' }
  for (const [trusted, address] of [
    [[], '127.0.0.1'],
    [['10.0.0.0/8'], '127.0.0.1'],
    [['127.0.0.1'], '192.0.2.7'],
  ] as const) {
    await using server = await serveNode(rest, { trustProxy: trustProxies(trusted) })
    expect(await (await fetch(server.url, { headers })).text()).toBe(address)
  }
  await using server = await serveNode(rest)
  expect(await (await fetch(server.url, { headers })).text()).toBe('127.0.0.1')
})

it('an answer that never ends is broken off', async () => {
  const signals: AbortSignal[] = []
  const rest = answering((request) => {
    signals.push(request.signal)
    return new Promise<Response>(() => {})
  })
  const server = await serveNode(rest, { limits: { drainMs: 50 } })
  const lost = fetch(server.url).catch(String)
  await vi.waitFor(() => expect(signals.length).toBe(1), 10_000)
  await server.close()
  expect(await lost).toContain('fetch failed')
  await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true), 10_000)
})

it('what comes too slowly, is too long or is no HTTP is refused in the form of all errors', async () => {
  await using server = await serveNode(ok, { limits: { headersTimeoutMs: 200, maxHeaderBytes: 2048 } })
  const send = (text: string): Promise<string> => exchange(server.port, text)
  expect(await send('GET / HTTP/1.1\r\nhost: x\r\nx-slow: ')).toMatch(/^HTTP\/1\.1 408 .*\r\n\r\n\{.*"statuscode":408/s)
  expect(await send(`GET / HTTP/1.1\r\nx: ${'y'.repeat(4000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 .*"statuscode":431/s)
  expect(await send('what?\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"statuscode":400/s)
  expect(await (await fetch(server.url)).text()).toBe('ok')
})

it('who does not read what was asked for does not keep a connection', async () => {
  const signals: AbortSignal[] = []
  const rest = answering((request) => {
    signals.push(request.signal)
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65536)) }))
  })
  await using server = await serveNode(rest, { limits: { idleMs: 200 } })
  const asked = ask(server.url)
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.pause().on('error', () => {})
  await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true), 5000)
})

it('connections beyond the limit are closed', async () => {
  await using server = await serveNode(ok, { limits: { maxConnections: 1 } })
  const first = connect(server.port, '127.0.0.1')
  await once(first, 'connect')
  expect(await exchange(server.port, '')).toBe('')
  first.destroy()
  await vi.waitFor(async () => expect(await (await fetch(server.url)).text()).toBe('ok'), 10_000)
})

it('who is answered early and never stops sending loses the connection', async () => {
  const rest = answering(async (request) => {
    const reader = request.body!.getReader()
    await reader.read()
    await reader.cancel()
    return new Response('no', { status: 413 })
  })
  await using server = await serveNode(rest)
  const sending = ask(server.url, { method: 'POST' })
  const gone = once(sending, 'close')
  sending.on('error', () => {})
  sending.write('a')
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  answer.resume()
  await gone
  expect(answer.statusCode).toBe(413)
})

it('serves HTTPS with given certificates, and says what is wrong with them', async () => {
  const scheme = answering(({ url }) => new Response(new URL(url).protocol))
  await using server = await serveNode(scheme, { tls: { cert, key } })
  expect(server.url).toMatch(/^https:/)
  const asked = askSecurely(server.url, { ca: cert })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  expect(text).toBe('https:')
  await expect(serveNode(ok, { tls: { cert, key: otherKey } })).rejects.toThrow(/tls: .*do not belong together/)
  await expect(serveNode(ok, { tls: { cert: 'none', key } })).rejects.toThrow(/tls: .*cannot be read as PEM/)
})

it('a port that is taken and a host that is not here are said by name', async () => {
  await using server = await serveNode(ok)
  await expect(serveNode(ok, { port: server.port })).rejects.toMatchObject({
    code: 'CONFLICT',
    hint: expect.stringContaining('choose another port'),
  })
  await expect(serveNode(ok, { host: '192.0.2.1' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

/** Sends as it stands and answers what came until the end. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.write(text)
  let answer = ''
  socket.on('data', (part) => (answer += String(part)))
  socket.on('error', () => {})
  await once(socket, 'close')
  return answer
}
