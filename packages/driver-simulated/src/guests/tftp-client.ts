import { createSocket } from 'node:dgram'
import type { RemoteInfo } from 'node:dgram'
import { FetchFailed } from './fetch-failed.ts'

export interface TftpOptions {
  readonly signal: AbortSignal
  /** Of real time until the last packet is sent again. */
  readonly timeoutMs: number
  readonly maximumBytes: number
  /** Default 5. */
  readonly tries?: number
}

const opcode = { read: 1, data: 3, acknowledge: 4, error: 5, optionAcknowledge: 6 } as const
const defaultBlockBytes = 512
/** Fits an Ethernet frame with IPv4 and UDP headers. */
const wantedBlockBytes = 1428

/**
 * Reads a file over TFTP in binary (RFC 1350), asking for larger blocks (RFC 2347, 2348).
 * Throws `FetchFailed`; leaves no socket behind, also when the signal aborts.
 */
export function fetchTftp(url: string, options: TftpOptions): Promise<Uint8Array> {
  const { signal, timeoutMs, maximumBytes, tries = 5 } = options
  const { hostname, port, pathname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')

  return new Promise<Uint8Array>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const chunks: Buffer[] = []
    let length = 0
    let blockBytes = defaultBlockBytes
    // The server answers from a port of its own; the first answer decides which (RFC 1350, section 4).
    let peer: number | undefined
    let last = readRequest(decodeURIComponent(pathname.slice(1)))
    let sent = 0
    let timer: NodeJS.Timeout | undefined

    const settle = (end: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      end()
    }
    const fail = (error: unknown): void => settle(() => reject(error))
    const onAbort = (): void => fail(signal.reason)
    const send = (): void => {
      clearTimeout(timer)
      if (sent === tries) return fail(new FetchFailed('Connection timed out'))
      sent += 1
      socket.send(last, peer ?? Number(port || 69), host)
      timer = setTimeout(send, timeoutMs)
    }
    const acknowledge = (block: number): void => {
      last = packet(opcode.acknowledge, block)
      sent = 0
      send()
    }
    const receive = (message: Buffer, from: RemoteInfo): void => {
      if (message.length < 4 || (peer !== undefined && from.port !== peer)) return
      const kind = message.readUInt16BE(0)
      const number = message.readUInt16BE(2)
      if (kind === opcode.error) return fail(new FetchFailed(number === 1 ? 'No such file or directory' : 'TFTP error'))
      peer = from.port
      if (kind === opcode.optionAcknowledge && chunks.length === 0) {
        const granted = Number(optionsOf(message).get('blksize') ?? defaultBlockBytes)
        if (!(granted >= 8 && granted <= wantedBlockBytes)) return fail(new FetchFailed('TFTP option refused'))
        blockBytes = granted
        return acknowledge(0)
      }
      if (kind !== opcode.data || number !== (chunks.length + 1) % 65_536) return
      chunks.push(message.subarray(4))
      length += message.length - 4
      if (length > maximumBytes) return fail(new FetchFailed('The file is too large'))
      if (message.length - 4 === blockBytes) return acknowledge(number)
      socket.send(packet(opcode.acknowledge, number), from.port, host, () => settle(() => resolve(Buffer.concat(chunks))))
    }

    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('error', (error) => fail(new FetchFailed('Input/output error', undefined, error)))
    socket.on('message', receive)
    send()
  }).finally(() => socket.close())
}

function readRequest(file: string): Buffer {
  const text = `${file}\0octet\0blksize\0${wantedBlockBytes}\0`
  return Buffer.concat([Buffer.from([0, opcode.read]), Buffer.from(text)])
}

function packet(kind: number, number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16BE(kind, 0)
  bytes.writeUInt16BE(number, 2)
  return bytes
}

function optionsOf(message: Buffer): Map<string, string> {
  const words = message.subarray(2).toString('latin1').split('\0')
  const options = new Map<string, string>()
  for (let at = 0; at + 1 < words.length; at += 2) options.set((words[at] ?? '').toLowerCase(), words[at + 1] ?? '')
  return options
}
