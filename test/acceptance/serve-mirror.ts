import { once } from 'node:events'
import { existsSync, openAsBlob } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { join } from 'node:path'
import type { AptMirror } from './apt-mirror.ts'

export interface ServedMirror extends AsyncDisposable {
  readonly port: number
  /** What was answered, by status. */
  readonly answers: ReadonlyMap<number, number>
  readonly bytes: number
  /** What was asked for and is not there. */
  readonly missing: ReadonlySet<string>
}

/** The folder of the netboot images on a mirror, and in Debian's package of them. */
const images = { mirror: '/current/images/netboot/debian-installer/amd64/', package: 'debian-installer/amd64' }

/**
 * Serves a Debian mirror at 127.0.0.1 under `/debian`, for guests that reach nothing else. Kernel and initrd of the installer come from
 * `imagesFolder` (`text` of Debian's package of netboot images): not every mirror carries them.
 */
export async function serveMirror(mirror: AptMirror, imagesFolder: string): Promise<ServedMirror> {
  const answers = new Map<number, number>()
  const missing = new Set<string>()
  let bytes = 0
  const count = (status: number): number => {
    answers.set(status, (answers.get(status) ?? 0) + 1)
    return status
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    if (!isReading || !path.startsWith('/debian/') || path.includes('..')) return void response.writeHead(count(404)).end()
    const [, name] = path.split(images.mirror)
    const file = name === undefined ? undefined : join(imagesFolder, images.package, name)
    if (file !== undefined && existsSync(file)) {
      const blob = await openAsBlob(file)
      response.writeHead(count(200), { 'content-length': blob.size })
      await pipeline(Readable.fromWeb(blob.stream() as never), response)
      bytes += blob.size
      return
    }
    const given = await ask(mirror, path.slice('/debian'.length), request)
    if (given.statusCode === 404) missing.add(path)
    response.writeHead(count(given.statusCode ?? 502), kept(given))
    given.on('data', (chunk: Buffer) => (bytes += chunk.length))
    await pipeline(given, response)
  }
  const server = http.createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    answers,
    missing,
    get bytes() {
      return bytes
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const passedOn = ['range', 'if-range', 'if-modified-since', 'accept']

async function ask(
  { url, proxy }: AptMirror,
  path: string,
  { method, headers }: IncomingMessage,
): Promise<IncomingMessage> {
  const target = new URL(url + path)
  const options = {
    method: method ?? 'GET',
    headers: {
      host: target.host,
      ...Object.fromEntries(passedOn.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))),
    },
  }
  if (proxy !== undefined && target.protocol === 'https:') throw new Error('an https mirror behind a proxy is not reached')
  const client = target.protocol === 'https:' ? https : http
  // A proxy is asked for the whole address (RFC 9112, 3.2.2).
  const request =
    proxy === undefined ? client.request(target, options) : http.request(proxy, { ...options, path: target.href })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

function kept({ headers }: IncomingMessage): Record<string, string> {
  const names = ['content-length', 'content-type', 'content-range', 'last-modified', 'accept-ranges', 'location']
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])))
}
