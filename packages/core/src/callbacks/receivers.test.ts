import { type Server, createServer } from 'node:http'
import { type AddressInfo, type Socket, createServer as createTcpServer } from 'node:net'
import { createServer as createTlsServer } from 'node:https'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../test/mail-lab.ts'
import { Receivers } from './receivers.ts'

const never = new AbortController().signal
const isRefused = { isAccepted: false, problem: expect.stringMatching(/^The receiver is in a private network/) }

/** Names that anybody can have in their own DNS, and where they lead. */
const names: Readonly<Record<string, readonly string[]>> = {
  'to-loopback.example.com': ['127.0.0.1'],
  'to-loopback6.example.com': ['::1'],
  'to-private.example.com': ['10.0.0.5'],
  'to-metadata.example.com': ['169.254.169.254'],
  'to-mapped.example.com': ['::ffff:127.0.0.1'],
  'to-both.example.com': ['93.184.215.14', '127.0.0.1'],
  'to-unique-local.example.com': ['fd12:3456::1'],
  'to-zone.example.com': ['fe80::1%eth0'],
  'to-nothing.example.com': [],
  'to-no-address.example.com': ['not an address'],
  '127.0.0.1.nip.example.com': ['127.0.0.1'],
  localhost: ['127.0.0.1', '::1'],
  'localhost.': ['127.0.0.1'],
  'localhost.localdomain': ['127.0.0.1'],
  'a.localhost': ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'kubernetes.default.svc': ['10.96.0.1'],
}

// PORT is where a server on this machine would hear of it.
const hostile: readonly string[] = [
  // This machine, in all the ways that IPv4 can be written.
  'http://127.0.0.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://127.255.255.254:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.0x0.0x0.0x1:PORT/',
  'http://0x7F.1:PORT/',
  'http://017700000001:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0177.0.0.01:PORT/',
  'http://127.0x0.0.1:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0x0:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://127。0。0。1:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://１２７.0.0.1:PORT/',
  'http:\\\\127.0.0.1:PORT\\',
  'http:127.0.0.1:PORT',
  'HTTP://127.0.0.1:PORT/#@example.com/',
  'http://127.0.0.1:PORT/?@example.com',
  // And IPv6.
  'http://[::1]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[::]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[64:ff9b::7f00:1]:PORT/',
  'http://[64:ff9b:1::7f00:1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2001:0:7f00:1::]:PORT/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[fc00::1]/',
  'http://[ff02::1]/',
  'http://[2001:db8::1]/',
  // Private networks, metadata of clouds, and what is for nobody.
  'http://10.0.0.1/',
  'http://012.0.0.1/',
  'http://167772161/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://0xc0a80101/',
  'http://169.254.169.254/latest/meta-data/iam/',
  'http://2852039166/latest/meta-data/',
  'http://0xA9FEA9FE/',
  'http://0251.0376.0251.0376/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://100.100.100.200/latest/meta-data/',
  'http://100.64.0.1/',
  'http://192.0.0.192/opc/v1/',
  'http://198.18.0.1/',
  'http://203.0.113.7/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'https://240.0.0.1/',
  ...Object.keys(names).map((name) => `http://${name}:PORT/`),
]

describe('Receivers', () => {
  let server: Server
  let port: number
  let asked: string[]
  let status: number
  let lookups: string[]
  const closes: (() => void)[] = []

  beforeEach(async () => {
    ;[asked, lookups, status] = [[], [], 204]
    server = createServer((request, response) => {
      asked.push(`${request.socket.localAddress}${request.url}`)
      response.writeHead(status, { location: `http://127.0.0.1:${port}/elsewhere`, 'retry-after': '30' }).end()
    })
    // All addresses of this machine: whoever finds a way is heard.
    await new Promise<void>((resolve) => server.listen(0, resolve))
    port = (server.address() as AddressInfo).port
  })
  afterEach(async () => {
    for (const close of closes.splice(0)) close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const resolve = async (name: string): Promise<readonly string[]> => {
    lookups.push(name)
    return names[name] ?? Promise.reject(Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' }))
  }
  const to = (path: string): string => `http://127.0.0.1:${port}${path}`

  it('refuses every way inside that is known', async () => {
    const receivers = new Receivers({ resolve })
    expect(hostile.length).toBeGreaterThanOrEqual(60)
    expect(new Set(hostile).size).toBe(hostile.length)
    const results = []
    for (const url of hostile) {
      const there = url.replace('PORT', String(port))
      results.push([url, await receivers.post(there, '{}', {}, never)])
    }
    expect(results).toEqual(hostile.map((url) => [url, isRefused]))
    expect(asked).toEqual([])
  })

  it('a name that is public when it is asked for first and private afterwards leads nowhere else', async () => {
    const answers = [['127.0.0.2'], ['127.0.0.1'], ['127.0.0.2', '127.0.0.1']]
    const receivers = new Receivers({ allow: ['127.0.0.2'], resolve: async () => answers.shift()! })
    const url = `http://rebinding.example.com:${port}/hook`
    expect(await receivers.post(url, '{}', {}, never)).toEqual({ isAccepted: true })
    expect(answers).toHaveLength(2)
    expect(asked).toEqual(['::ffff:127.0.0.2/hook'])
    expect(await receivers.post(url, '{}', {}, never)).toEqual(isRefused)
    expect(await receivers.post(url, '{}', {}, never)).toEqual(isRefused)
    expect(asked).toHaveLength(1)
  })

  it('networks that the host allows, and no others, are told', async () => {
    const receivers = new Receivers({ allow: ['127.0.0.0/8', '::1'], resolve })
    for (const host of ['127.0.0.1', '127.8.8.8', '[::1]', 'to-loopback.example.com', 'localhost'])
      expect([host, await receivers.post(`http://${host}:${port}/`, '{}', {}, never)]).toEqual([host, { isAccepted: true }])
    expect(asked).toHaveLength(5)
    expect(lookups).toEqual(['to-loopback.example.com', 'localhost'])
    expect(await receivers.post(`http://[::ffff:127.0.0.1]:${port}/`, '{}', {}, never)).toEqual(isRefused)
    expect(await receivers.post('http://10.0.0.1/', '{}', {}, never)).toEqual(isRefused)
  })

  it.each([
    ['http://10.0.0.1/', true],
    ['http://2130706433/', true],
    ['https://[::1]:8443/x', true],
    ['http://LocalHost:1/', true],
    ['http://a.localhost./', true],
    ['https://example.com/', false],
    ['https://localhost.example.com/', false],
    ['https://1.1.1.1/', false],
  ])('%s is seen to lead inside: %s', (url, isInside) => {
    expect(new Receivers().problemWith(url)?.includes('private network') ?? false).toBe(isInside)
    expect(new Receivers({ allow: ['0.0.0.0/0', '::/0'] }).problemWith(url)).toBeUndefined()
  })

  it.each([301, 302, 303, 307, 308, 400, 404, 500])('%d is no acceptance, and leads nowhere else', async (answer) => {
    status = answer
    const told = await new Receivers({ allow: ['127.0.0.1'] }).post(to('/hook?token=hunter2'), '{}', {}, never)
    expect(told).toEqual({ isAccepted: false, problem: `The receiver answered ${answer}.` })
    expect(asked).toHaveLength(1)
  })

  it('410 is for good; 429 and 503 say how long to wait', async () => {
    const receivers = new Receivers({ allow: ['127.0.0.1'] })
    const told = []
    for (status of [410, 429, 503]) told.push(await receivers.post(to('/'), '{}', {}, never))
    expect(told).toEqual([
      { isAccepted: false, problem: 'The receiver answered 410.', isFinal: true },
      { isAccepted: false, problem: 'The receiver answered 429.', restMs: 30_000 },
      { isAccepted: false, problem: 'The receiver answered 503.', restMs: 30_000 },
    ])
  })

  it.each([
    ['says nothing', '', 'The receiver did not answer in time.'],
    ['speaks for ever', 'HTTP/1.1 200 OK\r\nx-a: ', 'The receiver did not answer in time.'],
    ['changes the protocol', 'HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', /was not reached/],
    ['speaks something else', '220 mail.example.com ESMTP\r\n', /was not reached/],
  ])('a receiver that %s is left', async (_, said, problem) => {
    const sockets: Socket[] = []
    const odd = createTcpServer((socket) => {
      sockets.push(socket.on('error', () => {}))
      socket.write(said)
    })
    await new Promise<void>((done) => odd.listen(0, '127.0.0.1', done))
    closes.push(() => {
      for (const socket of sockets) socket.destroy()
      odd.close()
    })
    const receivers = new Receivers({ allow: ['127.0.0.1'], timeoutMs: 300 })
    const url = `http://127.0.0.1:${(odd.address() as AddressInfo).port}/?token=hunter2`
    const told = await receivers.post(url, '{}', {}, never)
    const text = typeof problem === 'string' ? problem : expect.stringMatching(problem)
    expect(told).toEqual({ isAccepted: false, problem: text })
  })

  it('a look-up that does not end is not waited for, and an unknown name is told of without it', async () => {
    const receivers = new Receivers({ resolve: () => new Promise(() => {}), timeoutMs: 50 })
    expect(await receivers.post('http://slow.example.com/', '{}', {}, never)).toMatchObject({ problem: /in time/ })
    const told = await new Receivers({ resolve }).post('http://token-hunter2.example.com/', '{}', {}, never)
    expect(told).toEqual({ isAccepted: false, problem: 'The name of the receiver is not known.' })
  })

  it('a certificate is checked, and an authority can be trusted besides', async () => {
    const tls = await selfSigned()
    const secure = createTlsServer(tls, (_request, response) => void response.writeHead(204).end())
    await new Promise<void>((done) => secure.listen(0, '127.0.0.1', done))
    closes.push(() => {
      secure.closeAllConnections()
      secure.close()
    })
    const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`
    const allow = ['127.0.0.1']
    const strict = await new Receivers({ allow }).post(url, '{}', {}, never)
    expect(strict).toEqual({ isAccepted: false, problem: 'The certificate of the receiver is not trusted, or TLS failed.' })
    expect(await new Receivers({ allow, ca: tls.cert }).post(url, '{}', {}, never)).toEqual({ isAccepted: true })
  })
})
