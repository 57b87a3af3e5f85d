import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A client that does what a test tells it: sends any datagram, and waits for the next one. */
export class TftpClient implements Disposable {
  readonly #socket: Socket
  readonly #waiting: { readonly bytes: Buffer; readonly port: number }[] = []
  /** Where answers come from: the transfer's own port. */
  from = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (bytes, { port }) => {
      this.#waiting.push({ bytes, port })
      socket.emit('arrived')
    })
  }

  static async open(): Promise<TftpClient> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new TftpClient(socket)
  }

  send(bytes: Uint8Array, port: number): void {
    this.#socket.send(bytes, port, '127.0.0.1')
  }

  ask(file: string, options: Record<string, string | number>, port: number): void {
    this.send(readRequest(file, options), port)
  }

  ack(block: number): void {
    this.send(Buffer.from([0, 4, (block >> 8) & 0xff, block & 0xff]), this.from)
  }

  /** The next datagram, or `undefined` when none comes. */
  async next(withinMs = 2000): Promise<Buffer | undefined> {
    if (this.#waiting.length === 0) {
      await once(this.#socket, 'arrived', { signal: AbortSignal.timeout(withinMs) }).catch(() => {})
    }
    const first = this.#waiting.shift()
    if (first) this.from = first.port
    return first?.bytes
  }

  /** A whole file, in order, each window acknowledged at its end. Throws the text of an error. */
  async get(file: string, options: Record<string, string | number>, port: number): Promise<Buffer> {
    this.ask(file, options, port)
    const parts: Buffer[] = []
    const agreed = new Map<string, string>()
    for (let inWindow = 0; ;) {
      const packet = await this.next()
      if (!packet) throw new Error('silence')
      if (packet[1] === 5) throw new Error(packet.toString('latin1', 4, packet.length - 1))
      if (packet[1] === 6) {
        const words = packet.toString('latin1', 2).split('\0')
        for (let at = 0; at + 1 < words.length; at += 2) agreed.set(words[at]!, words[at + 1]!)
        this.ack(0)
        continue
      }
      if (packet.readUInt16BE(2) !== ((parts.length + 1) & 0xffff)) continue
      parts.push(packet.subarray(4))
      inWindow += 1
      const isLast = packet.length - 4 < Number(agreed.get('blksize') ?? 512)
      if (isLast || inWindow === Number(agreed.get('windowsize') ?? 1)) {
        this.ack(parts.length)
        inWindow = 0
      }
      if (isLast) return Buffer.concat(parts)
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }
}

export function readRequest(file: string, options: Record<string, string | number> = {}, mode = 'octet'): Buffer {
  const words = [file, mode, ...Object.entries(options).flatMap(([name, value]) => [name, String(value)])]
  return Buffer.concat([Buffer.from([0, 1]), Buffer.from(words.map((word) => `${word}\0`).join(''), 'latin1')])
}
