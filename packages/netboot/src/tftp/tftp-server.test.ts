import { systemClock } from '@virtkit/spi'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hammer } from '../../test/hammer.ts'
import { TftpClient, readRequest } from '../../test/tftp-client.ts'
import { type TftpLimits, defaultTftpLimits } from './limits.ts'
import { TftpServer } from './tftp-server.ts'

const call = { signal: new AbortController().signal }
const file = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7) % 251))

async function serve(limits: Partial<TftpLimits> = {}): Promise<TftpServer> {
  const find = async (name: string): Promise<Uint8Array | undefined> => {
    if (name === 'broken') throw new Error('the database is down')
    if (name === 'even') return file.subarray(0, 1024)
    if (name === 'empty') return new Uint8Array()
    return name === 'file' ? file : undefined
  }
  const usual = { ...defaultTftpLimits, timeoutMs: 100, attempts: 3, ...limits }
  const server = await TftpServer.open({ host: '127.0.0.1', port: 0 }, find, usual, call)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

async function client(): Promise<TftpClient> {
  const one = await TftpClient.open()
  onTestFinished(() => one[Symbol.dispose]())
  return one
}

async function idle(server: TftpServer): Promise<void> {
  for (let tries = 0; server.transfers > 0 && tries < 200; tries += 1) await systemClock.sleep(10)
  expect(server.transfers).toBe(0)
}

describe('a file', () => {
  test.each<Record<string, number>>([
    {},
    { blksize: 1468 },
    { blksize: 8 },
    { blksize: 1468, windowsize: 16 },
    { blksize: 1000, windowsize: 3, timeout: 1, tsize: 0 },
  ])('arrives whole with %j', async (options) => {
    const server = await serve()
    const got = await (await client()).get('file', options, server.port)
    expect(got.equals(file)).toBe(true)
    await idle(server)
  })

  test('of whole blocks ends with an empty one, and an empty file is one', async () => {
    const server = await serve()
    expect((await (await client()).get('even', {}, server.port)).length).toBe(1024)
    expect((await (await client()).get('empty', { windowsize: 4 }, server.port)).length).toBe(0)
  })

  test('has its size told, and its terms: what is too much is made less, what makes no sense is left out', async () => {
    const server = await serve()
    const one = await client()
    one.ask('file', { TSize: 0, blksize: 9000, windowsize: 0, timeout: 200, multicast: '' }, server.port)
    expect((await one.next())?.toString('latin1', 2)).toBe('blksize\x001468\0tsize\x00100000\0')
  })

  test('that is lost on its way is sent again, and given up when nobody answers', async () => {
    const server = await serve()
    const one = await client()
    one.ask('file', {}, server.port)
    const packets = [await one.next(), await one.next(), await one.next(), await one.next(600)]
    expect(packets.map((packet) => packet?.[3])).toEqual([1, 1, 1, undefined])
    await idle(server)
  })

  test('that lost a block within a window goes on after the one that arrived', async () => {
    const server = await serve({ timeoutMs: 5000 })
    const one = await client()
    one.ask('file', { windowsize: 4 }, server.port)
    await one.next()
    one.ack(0)
    for (let block = 1; block <= 4; block += 1) expect((await one.next())?.[3]).toBe(block)
    one.ack(2)
    for (let block = 3; block <= 6; block += 1) expect((await one.next())?.[3]).toBe(block)
  })

  test('that is not there, or to be written, or not octets, is refused', async () => {
    const server = await serve()
    const one = await client()
    await expect(one.get('../../etc/passwd', {}, server.port)).rejects.toThrow('not found')
    one.send(Buffer.from('\0\x02file\0octet\0', 'latin1'), server.port)
    expect((await one.next())?.toString('latin1', 4)).toContain('nothing is written')
    one.send(readRequest('file', {}, 'netascii'), server.port)
    expect((await one.next())?.toString('latin1', 4)).toContain('octet')
  })

  test('that cannot be found out about is not answered, and the next one is', async () => {
    const server = await serve()
    const one = await client()
    one.ask('broken', {}, server.port)
    expect(await one.next(100)).toBeUndefined()
    expect((await one.get('even', {}, server.port)).length).toBe(1024)
  })
})

describe('somebody else', () => {
  test('neither acknowledges nor ends a transfer', async () => {
    const server = await serve({ timeoutMs: 5000 })
    const [one, stranger] = [await client(), await client()]
    one.ask('file', {}, server.port)
    await one.next()
    stranger.from = one.from
    stranger.ack(1)
    stranger.send(Buffer.from('\0\x05\0\0stop\0', 'latin1'), one.from)
    stranger.send(Buffer.from([0]), one.from)
    expect(await one.next(150)).toBeUndefined()
    one.ack(1)
    expect((await one.next())?.[3]).toBe(2)
    expect(await stranger.next(50)).toBeUndefined()
  })

  test('who repeats acknowledgements is answered once: never more goes out than is asked for', async () => {
    const server = await serve({ timeoutMs: 5000 })
    const one = await client()
    one.ask('file', {}, server.port)
    await one.next()
    for (let times = 0; times < 50; times += 1) one.ack(1)
    expect((await one.next())?.[3]).toBe(2)
    expect(await one.next(150)).toBeUndefined()
  })
})

describe('limits', () => {
  test('hold for each address and in all, and free themselves', async () => {
    const server = await serve({ transfersPerHost: 3, timeoutMs: 50 })
    for (let clients = 0; clients < 6; clients += 1) (await client()).ask('file', {}, server.port)
    await systemClock.sleep(40)
    expect(server.transfers).toBe(3)
    await idle(server)
    expect((await (await client()).get('file', { blksize: 1468 }, server.port)).equals(file)).toBe(true)
  })

  test('do not count a client that asks twice as two', async () => {
    const server = await serve()
    const one = await client()
    for (let times = 0; times < 3; times += 1) one.ask('file', {}, server.port)
    await one.next()
    expect(server.transfers).toBe(1)
  })
})

test('a taken port is told by the name of its option', async () => {
  const server = await serve()
  const again = TftpServer.open({ host: '127.0.0.1', port: server.port }, async () => undefined, defaultTftpLimits, call)
  await expect(again).rejects.toMatchObject({ code: 'CONFLICT', details: { field: 'tftp.port' } })
})

test('closing ends what is under way and tells the client', async () => {
  const server = await serve({ timeoutMs: 60_000 })
  const one = await client()
  one.ask('file', {}, server.port)
  await one.next()
  await server[Symbol.asyncDispose]()
  expect((await one.next())?.[1]).toBe(5)
  await server[Symbol.asyncDispose]()
})

test('6,000 malformed packets, strangers and repeated acknowledgements leave it serving', async () => {
  const server = await serve()
  const told = await hammer({ port: server.port, file: 'file', packets: 6000, seed: 1 })
  expect(told.sent).toBeGreaterThanOrEqual(6000)
  const got = await (await client()).get('file', { blksize: 1468, windowsize: 16 }, server.port)
  expect(got.equals(file)).toBe(true)
  await idle(server)
})
