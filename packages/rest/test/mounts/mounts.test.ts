import { Agent, type IncomingMessage, request as ask } from 'node:http'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { answering, hosts } from './hosts.ts'

describe.each(Object.entries(hosts))('mounted into %s', (name, start) => {
  it('requests below the base come as they were sent; others are the host’s own', async () => {
    const seen: unknown[] = []
    const rest = answering(async (request) => {
      const { pathname, search } = new URL(request.url)
      seen.push([request.method, pathname, search, request.headers.get('x-two'), await request.text()])
      const headers = new Headers({ 'content-type': 'application/json', link: '<?cursor=2>; rel="next"' })
      headers.append('set-cookie', 'a=1')
      headers.append('set-cookie', 'b=2')
      return new Response('{"ok":true}', { status: 201, headers })
    })
    await using host = await start(rest)
    const answer = await fetch(`${host.url}/vm/rest/v1/machines?name=a%20b`, {
      method: 'PUT',
      body: 'name=web-1&tags[0]=ü',
      headers: [
        ['content-type', 'application/x-www-form-urlencoded'],
        ['x-two', '1'],
        ['x-two', '2'],
      ],
    })
    expect([answer.status, await answer.text()]).toEqual([201, '{"ok":true}'])
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('link')).toBe('<?cursor=2>; rel="next"')
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(seen).toEqual([['PUT', '/vm/rest/v1/machines', '?name=a%20b', '1, 2', 'name=web-1&tags[0]=ü']])
    for (const own of ['/own', '/vmx']) expect(await (await fetch(`${host.url}${own}`)).text()).not.toBe('{"ok":true}')
    expect(await (await fetch(`${host.url}/own`)).text()).toBe('own')
    expect(seen.length).toBe(1)
  })

  it('who calls is who the host takes for the caller', async () => {
    await using host = await start(answering((_request, caller) => new Response(caller?.address)))
    const answer = await fetch(`${host.url}/vm/x`, { headers: { 'x-forwarded-for': '192.0.2.7' } })
    // Plain Node trusts nobody; the others were told to.
    expect(await answer.text()).toBe(name === 'node' ? '127.0.0.1' : '192.0.2.7')
  })

  it('answers without a body have none, on the same connection', async () => {
    const cancelled = vi.fn<() => void>()
    const rest = answering(({ method }) =>
      method === 'HEAD'
        ? new Response(new ReadableStream({ cancel: cancelled }), { headers: { 'x-method': method } })
        : new Response(null, { status: 204, headers: { 'x-method': method } }),
    )
    await using host = await start(rest)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (const [method, status] of [
      ['HEAD', 200],
      ['DELETE', 204],
      ['GET', 204],
    ] as const) {
      const answer = await open(`${host.url}/vm/x`, { method, agent })
      expect([answer.statusCode, answer.headers['x-method'], await textOf(answer)]).toEqual([status, method, ''])
      expect(answer.headers.connection).not.toBe('close')
    }
    expect(cancelled).toHaveBeenCalledOnce()
    agent.destroy()
  })

  it('events come as they happen, and a reader who goes away is noticed', async () => {
    let events: ReadableStreamDefaultController<Uint8Array> | undefined
    let signal: AbortSignal | undefined
    const cancelled = vi.fn<() => void>()
    const rest = answering((request) => {
      signal = request.signal
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void (events = controller), cancel: cancelled })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    })
    await using host = await start(rest)
    const answer = await open(`${host.url}/vm/events`) // comes although nothing has happened yet
    expect(answer.headers['content-type']).toBe('text/event-stream')
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      events?.enqueue(new TextEncoder().encode(event))
      const [chunk] = (await once(answer, 'data')) as [Buffer]
      expect(chunk.toString()).toBe(event)
    }
    expect(signal?.aborted).toBe(false)
    answer.destroy()
    await vi.waitFor(() => expect([signal?.aborted, cancelled.mock.calls.length]).toEqual([true, 1]), 10_000)
  })

  it('a download is made no faster than it is read', async () => {
    const piece = new Uint8Array(256 * 1024)
    let made = 0
    const rest = answering(() => {
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
        if (made === 128) return controller.close()
        made += 1
        controller.enqueue(piece)
      }
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }))
    })
    await using host = await start(rest)
    const answer = await open(`${host.url}/vm/backup`)
    const stalled = await settled(() => made)
    expect(stalled).toBeLessThan(96)
    let size = 0
    for await (const chunk of answer) size += (chunk as Buffer).length
    expect([made, size]).toEqual([128, 128 * piece.length])
  })

  it('an upload is taken no faster than it is read', async () => {
    const read = Promise.withResolvers<void>()
    const rest = answering(async (request) => {
      await read.promise
      let size = 0
      for await (const chunk of request.body!) size += chunk.byteLength
      return new Response(String(size))
    })
    await using host = await start(rest)
    const piece = new Uint8Array(256 * 1024)
    let sent = 0
    const sending = ask(`${host.url}/vm/restore`, { method: 'POST' })
    const feed = async (): Promise<void> => {
      for (; sent < 128; sent += 1) if (!sending.write(piece)) await once(sending, 'drain')
      sending.end()
    }
    const fed = feed()
    expect(await settled(() => sent)).toBeLessThan(96)
    read.resolve()
    const [answer] = (await once(sending, 'response')) as [IncomingMessage]
    await fed
    expect(await textOf(answer)).toBe(String(128 * piece.length))
  })

  it('who sends too much is told so while they are sending', async () => {
    const rest = answering(async (request) => {
      const reader = request.body!.getReader()
      await reader.read()
      await reader.cancel()
      return new Response('too long', { status: 413 })
    })
    await using host = await start(rest)
    const sending = ask(`${host.url}/vm/restore`, { method: 'POST' })
    sending.on('error', () => {})
    sending.write(new Uint8Array(1024 * 1024))
    const [answer] = (await once(sending, 'response')) as [IncomingMessage]
    expect([answer.statusCode, await textOf(answer)]).toEqual([413, 'too long'])
    sending.destroy()
  })

  it('an answer that breaks off does not look whole', async () => {
    const rest = answering(() => {
      let begun = false
      const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
        if (begun) throw new Error('the disk is gone')
        begun = true
        controller.enqueue(new Uint8Array(10))
        await sleep(20)
      }
      return new Response(new ReadableStream({ pull }))
    })
    await using host = await start(rest)
    const answer = await open(`${host.url}/vm/backup`)
    await expect(textOf(answer)).rejects.toThrow('aborted')
  })

  it('a request that fetch handlers cannot be told of is refused in words', async () => {
    await using host = await start(answering(() => new Response('never')))
    const answer = await open(`${host.url}/vm/x`, { headers: { host: 'two words' } })
    expect(answer.statusCode).toBe(400)
    expect(JSON.parse(await textOf(answer))).toMatchObject({
      errors: ['the address of the request is no URL'],
      statuscode: 400,
      instance: '/x',
    })
  })
})

async function open(url: string, options: object = {}): Promise<IncomingMessage> {
  const asked = ask(url, options)
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  asked.on('error', () => {})
  return answer
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk)
  return text
}

/** A number, when it has stopped growing. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ;) {
    await sleep(60)
    const now = read()
    if (now > 0 && now === last) return now
    last = now
  }
}
