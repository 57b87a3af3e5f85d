import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type NotificationMessage, systemClock } from '@virtkit/spi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AesKeyring } from '../access/aes-keyring.ts'
import { Receivers } from '../callbacks/receivers.ts'
import { signedHeaders } from '../callbacks/signature.ts'
import { WebhookChannel } from './webhook-channel.ts'

const never = new AbortController().signal
const keyring = new AesKeyring([{ id: 'a', key: Buffer.alloc(32) }])

describe('WebhookChannel', () => {
  let server: ReturnType<typeof createServer>
  let base: string
  let received: { headers: Record<string, unknown>; body: string }[]
  let answer: number | undefined
  const messageTo = (to: string): NotificationMessage => ({
    id: 'd1',
    to,
    user: 3,
    severity: 'error',
    title: 'error: It failed',
    text: 'It failed',
    notices: [{ severity: 'error', title: 'It failed', text: '', subject: 'machine/1', at: 0 }],
    at: 0,
  })
  const channel = new WebhookChannel(keyring, systemClock, new Receivers({ allow: ['127.0.0.0/8'], timeoutMs: 200 }))

  beforeEach(async () => {
    received = []
    answer = 204
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        received.push({ headers: request.headers, body })
        if (answer !== undefined) response.writeHead(answer, { location: '/elsewhere' }).end('thanks')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('posts what happened, signed with the secret that its user was told', async () => {
    expect(await channel.send(messageTo(`${base}/hook`), never)).toBeUndefined()
    const [{ headers, body }] = received as [(typeof received)[0]]
    expect(JSON.parse(body)).toMatchObject({
      type: 'notification',
      timestamp: '1970-01-01T00:00:00.000Z',
      data: { severity: 'error', notices: [{ subject: 'machine/1', at: '1970-01-01T00:00:00.000Z' }] },
    })
    const at = Number(headers['webhook-timestamp']) * 1000
    const secret = channel.secretOf(3, `${base}/hook`)
    expect(secret.reveal()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(headers).toMatchObject({ ...signedHeaders({ id: 'd1', body, at }, secret), connection: 'close' })
  })

  it('another user at the same address has another secret', () => {
    expect(channel.secretOf(3, base).reveal()).not.toBe(channel.secretOf(4, base).reveal())
    expect(channel.secretOf(3, base).reveal()).toBe(channel.secretOf(3, base).reveal())
  })

  it.each([301, 404, 500])('%d is no acceptance, and a redirect is not followed', async (status) => {
    answer = status
    expect(await channel.send(messageTo(`${base}/hook`), never)).toEqual({ failed: `The receiver answered ${status}.` })
    expect(received).toHaveLength(1)
  })

  it('a receiver that does not answer, or is not there, is told of without its address', async () => {
    answer = undefined
    expect(await channel.send(messageTo(`${base}/hook?token=hunter2`), never)).toEqual({
      failed: 'The receiver did not answer in time.',
    })
    expect(await channel.send(messageTo('http://127.0.0.1:1/?token=hunter2'), never)).toEqual({
      failed: 'The receiver refused the connection.',
    })
  })

  it('a receiver that says that it is gone is not told again', async () => {
    answer = 410
    expect(await channel.send(messageTo(`${base}/hook`), never)).toEqual({ refused: 'The receiver answered 410.' })
  })

  it.each(['http://127.0.0.1:PORT/', 'http://localhost:PORT/', 'http://[::ffff:127.0.0.1]:PORT/', 'http://0x7f.1:PORT/'])(
    'unless the host allows it, nothing goes to %s',
    async (url) => {
      const guarded = new WebhookChannel(keyring, systemClock, new Receivers())
      const to = url.replace('PORT', new URL(base).port)
      expect(await guarded.send(messageTo(to), never)).toEqual({ failed: expect.stringMatching(/private network/) })
      expect(received).toEqual([])
    },
  )

  it.each([
    ['ftp://example.com/', /http or https/],
    ['https://u:hunter2@example.com/', /must not carry/],
    ['example.com', /http or https/],
  ])('takes no %s', (to, problem) => {
    expect(channel.problemWith(to)).toMatch(problem)
    expect(channel.problemWith('https://example.com/hook?token=1')).toBeUndefined()
  })
})
