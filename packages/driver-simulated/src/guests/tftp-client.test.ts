import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { describe, expect, it } from 'vitest'
import { fetchTftp } from './tftp-client.ts'

const options = { signal: new AbortController().signal, timeoutMs: 30, maximumBytes: 1_000_000 }

interface TestTftp {
  readonly url: string
  readonly requests: string[]
  close(): void
}

/** Serves one file from a port of its own per transfer, as RFC 1350 has it. */
async function tftpServer(
  file: Buffer,
  how: { blksize?: boolean; loseFirst?: boolean; silent?: boolean } = {},
): Promise<TestTftp> {
  const listener = createSocket('udp4')
  const transfers: Socket[] = []
  const requests: string[] = []
  listener.on('message', (message, from) => {
    requests.push(message.subarray(2).toString('latin1'))
    if (how.silent || (how.loseFirst && requests.length === 1)) return
    const transfer = createSocket('udp4')
    transfers.push(transfer)
    const size = how.blksize ? 1428 : 512
    const send = (bytes: Buffer): void => transfer.send(bytes, from.port, from.address)
    const block = (number: number): Buffer =>
      Buffer.concat([Buffer.from([0, 3, number >> 8, number & 255]), file.subarray((number - 1) * size, number * size)])
    transfer.on('message', (ack) => {
      const acknowledged = ack.readUInt16BE(2)
      if (acknowledged * size <= file.length) send(block(acknowledged + 1))
    })
    if (!message.includes('kernel')) send(Buffer.concat([Buffer.from([0, 5, 0, 1]), Buffer.from('File not found\0')]))
    else if (how.blksize) send(Buffer.concat([Buffer.from([0, 6]), Buffer.from('blksize\x001428\0')]))
    else send(block(1))
  })
  await new Promise<void>((resolve) => listener.bind(0, '127.0.0.1', resolve))
  const close = (): void => [listener, ...transfers].forEach((socket) => socket.close())
  return { url: `tftp://127.0.0.1:${listener.address().port}`, requests, close }
}

const file = Buffer.alloc(5000, 'abcdefg')

describe('fetchTftp', () => {
  it('reads a file in blocks of 512 bytes from a server that knows no options', async () => {
    const server = await tftpServer(file)
    expect(Buffer.from(await fetchTftp(`${server.url}/kernel`, options))).toEqual(file)
    expect(server.requests).toEqual(['kernel\0octet\0blksize\x001428\0'])
    server.close()
  })

  it('reads a file in the larger blocks that the server grants', async () => {
    const server = await tftpServer(file, { blksize: true })
    expect(Buffer.from(await fetchTftp(`${server.url}/kernel`, options))).toEqual(file)
    server.close()
  })

  it('reads a file whose length is a whole number of blocks', async () => {
    const server = await tftpServer(file.subarray(0, 1024))
    expect(await fetchTftp(`${server.url}/kernel`, options)).toHaveLength(1024)
    server.close()
  })

  it('asks again when a packet is lost', async () => {
    const server = await tftpServer(file, { loseFirst: true })
    expect(await fetchTftp(`${server.url}/kernel`, options)).toHaveLength(5000)
    expect(server.requests).toHaveLength(2)
    server.close()
  })

  it('fails when there is no such file, no answer, or no power', async () => {
    const server = await tftpServer(file)
    await expect(fetchTftp(`${server.url}/none`, options)).rejects.toThrow('No such file or directory')
    server.close()
    const silent = await tftpServer(file, { silent: true })
    await expect(fetchTftp(`${silent.url}/kernel`, { ...options, timeoutMs: 1 })).rejects.toThrow('Connection timed out')
    const power = new AbortController()
    const fetching = fetchTftp(`${silent.url}/kernel`, { ...options, timeoutMs: 60_000, signal: power.signal })
    power.abort(new Error('power off'))
    await expect(fetching).rejects.toThrow('power off')
    silent.close()
  })
})
