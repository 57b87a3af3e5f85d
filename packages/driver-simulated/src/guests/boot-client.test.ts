import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { systemClock } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { createBootClient } from './boot-client.ts'
import { FetchFailed, shownUrl } from './fetch-failed.ts'
import { startTestServer } from './testing/test-server.ts'

const { signal } = new AbortController()
const client = createBootClient({ clock: systemClock })

/** A server that says these bytes to whoever comes, and hangs up when told to. */
async function rawServer(answer: string, end: boolean): Promise<{ url: string; sockets: Socket[]; close: () => void }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => (end ? socket.end(answer) : socket.write(answer)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets, close: () => server.close() }
}

describe('the boot client', () => {
  it('fetches a file and posts a body', async () => {
    await using server = await startTestServer({ '/file': 'content', '/report': '' })
    expect(Buffer.from(await client.fetch(`${server.origin}/file`, signal)).toString()).toBe('content')
    expect(await client.request({ url: `${server.origin}/report`, body: 'a=1' }, signal)).toMatchObject({ status: 200 })
    expect(server.requests).toEqual(['GET /file', 'POST /report a=1'])
  })

  it('says what went wrong in the words of firmware', async () => {
    await using server = await startTestServer({ '/broken': 500 })
    await expect(client.fetch(`${server.origin}/none`, signal)).rejects.toMatchObject({
      message: 'No such file or directory',
      status: 404,
    })
    await expect(client.fetch(`${server.origin}/broken`, signal)).rejects.toMatchObject({ status: 500 })
    await expect(client.fetch('https://127.0.0.1/', signal)).rejects.toThrow('Operation not supported')
    const { url, close } = await rawServer('', true)
    close()
    await expect(client.fetch(url, signal)).rejects.toThrow('Connection refused')
  })

  it('refuses a file that is cut off', async () => {
    const server = await rawServer('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', true)
    await expect(client.fetch(server.url, signal)).rejects.toBeInstanceOf(FetchFailed)
    server.close()
  })

  it('gives up on a server that says nothing', async () => {
    const server = await rawServer('', false)
    const impatient = createBootClient({ clock: systemClock, timeoutMs: 20 })
    await expect(impatient.fetch(server.url, signal)).rejects.toThrow('Connection timed out')
    server.close()
  })

  it('drops its connection when the machine loses power', async () => {
    const server = await rawServer('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', false)
    const power = new AbortController()
    const fetching = client.fetch(server.url, power.signal)
    while (server.sockets.length === 0) await new Promise(setImmediate)
    const closed = new Promise((resolve) => server.sockets[0]?.on('close', resolve))
    power.abort(new Error('power off'))
    await expect(fetching).rejects.toThrow('power off')
    await closed
    server.close()
  })

  it('shows no secrets of a URL', () => {
    expect(shownUrl('http://boot:80/boot/abcdefghijklmnopqrstuv/script.ipxe?token=1')).toBe(
      'http://boot:80/boot/…/script.ipxe?…',
    )
  })
})
