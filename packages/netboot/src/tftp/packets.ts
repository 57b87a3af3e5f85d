import { Buffer } from 'node:buffer'

// RFC 1350, 5; RFC 2347.
const opcodes = { read: 1, write: 2, data: 3, ack: 4, error: 5, optionAck: 6 } as const

/** The codes of RFC 1350, appendix, that we send. */
export const tftpErrors = { notDefined: 0, notFound: 1, denied: 2, illegal: 4, badOption: 8 } as const

export interface ReadRequest {
  readonly kind: 'read'
  readonly file: string
  /** In lower case. */
  readonly mode: string
  /** Names in lower case; of a name that is there twice, the first. */
  readonly options: ReadonlyMap<string, string>
}

export type Request = ReadRequest | { readonly kind: 'write' }

/** What a client begins with, or `undefined` for anything else: it gets no answer, so that nobody can have us send to others. */
export function parseRequest(packet: Uint8Array): Request | undefined {
  // RFC 2347: a request is at most 512 bytes. Everything in it ends with a zero.
  if (packet.length < 6 || packet.length > 512 || packet[0] !== 0 || packet.at(-1) !== 0) return undefined
  if (packet[1] === opcodes.write) return { kind: 'write' }
  if (packet[1] !== opcodes.read) return undefined
  const [file = '', mode = '', ...rest] = Buffer.from(packet)
    .toString('latin1', 2, packet.length - 1)
    .split('\0')
  if (file === '' || mode === '') return undefined
  const options = new Map<string, string>()
  for (let at = 0; at + 1 < rest.length; at += 2) {
    const name = rest[at]?.toLowerCase() ?? ''
    if (!options.has(name)) options.set(name, rest[at + 1] ?? '')
  }
  return { kind: 'read', file, mode: mode.toLowerCase(), options }
}

/** What a client says during a transfer: the block that it has, or that it gives up. `undefined` for anything else. */
export function parseReply(packet: Uint8Array): number | 'error' | undefined {
  if (packet.length < 4 || packet[0] !== 0) return undefined
  if (packet[1] === opcodes.error) return 'error'
  return packet[1] === opcodes.ack ? ((packet[2] ?? 0) << 8) | (packet[3] ?? 0) : undefined
}

/** Block numbers begin anew after 65,535. */
export function dataPacket(block: number, bytes: Uint8Array): Uint8Array {
  const packet = Buffer.allocUnsafe(4 + bytes.length)
  packet.writeUInt16BE(opcodes.data, 0)
  packet.writeUInt16BE(block & 0xffff, 2)
  packet.set(bytes, 4)
  return packet
}

export function optionAckPacket(options: ReadonlyMap<string, string>): Uint8Array {
  const pairs = [...options].map(([name, value]) => `${name}\0${value}\0`)
  return Buffer.from(`\0${String.fromCodePoint(opcodes.optionAck)}${pairs.join('')}`, 'latin1')
}

export function errorPacket(code: number, message: string): Uint8Array {
  return Buffer.from(`\0${String.fromCodePoint(opcodes.error)}\0${String.fromCodePoint(code)}${message}\0`, 'latin1')
}
