import type { Duplex } from 'node:stream'
import { type Procedure, procedures } from './procedures.ts'
import { XdrReader, XdrWriter } from './xdr.ts'

const program = 0x20008086
const headBytes = 28
const types = { call: 0, reply: 1, message: 2, stream: 3 } as const
const statuses = { ok: 0, error: 1, continue: 2 } as const
/** libvirt's own limit of a message is 32 MiB; a longer one is none of it. */
const mostBytes = 33 * 1024 * 1024
const streamChunk = 64 * 1024

/** libvirt understood, and said no. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError'
  readonly number: number

  constructor(number: number, message: string) {
    super(message)
    this.number = number
  }
}

/** The connection broke. `sent`: whether the call had left before. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
  readonly sent: boolean

  constructor(sent: boolean, reason: string) {
    super(reason)
    this.sent = sent
  }
}

interface Waiting {
  readonly resolve: (body: Buffer) => void
  readonly reject: (error: Error) => void
}

/**
 * One connection that speaks libvirt's RPC: any number of calls at once, each answered by its serial number.
 * It knows nothing of what the calls mean.
 */
export class Rpc {
  readonly #stream: Duplex
  readonly #waiting = new Map<number, Waiting>()
  readonly #onEvent: (procedure: number, body: Buffer) => void
  readonly #whenClosed = Promise.withResolvers<void>()
  /** Uploads under way, with why libvirt gave one up. */
  readonly #uploads = new Map<number, Error | undefined>()
  /** Downloads under way, with what has come. */
  readonly #downloads = new Map<number, { readonly pieces: Buffer[]; readonly end: Waiting }>()
  #serial = 0
  #pieces: Buffer[] = []
  #held = 0
  #lost: string | undefined

  constructor(stream: Duplex, onEvent: (procedure: number, body: Buffer) => void) {
    this.#stream = stream
    this.#onEvent = onEvent
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('error', (error) => this.#lose(error.message))
    stream.on('close', () => {
      this.#lose('the connection was closed')
      this.#whenClosed.resolve()
    })
    stream.on('end', () => this.#lose('libvirt closed the connection'))
  }

  get isOpen(): boolean {
    return this.#lost === undefined
  }

  /** Resolves when the connection is lost or closed. */
  get closed(): Promise<void> {
    return this.#whenClosed.promise
  }

  call(procedure: Procedure, body: XdrWriter = new XdrWriter()): Promise<XdrReader> {
    return this.#send(procedure, types.call, statuses.ok, (this.#serial += 1), body.bytes())
  }

  /**
   * Makes a call that is followed by bytes. Promises: holds one chunk at a time; whatever `content` throws is thrown on, after
   * libvirt has been told to forget what came.
   */
  async upload(procedure: Procedure, body: XdrWriter, content: AsyncIterable<Uint8Array>): Promise<void> {
    const serial = (this.#serial += 1)
    await this.#send(procedure, types.call, statuses.ok, serial, body.bytes())
    this.#uploads.set(serial, undefined)
    const check = (): void => {
      const failed = this.#uploads.get(serial)
      if (failed) throw failed
    }
    try {
      for await (const bytes of content) {
        for (let at = 0; at < bytes.length; at += streamChunk) {
          check()
          await this.#write(procedure, types.stream, statuses.continue, serial, bytes.subarray(at, at + streamChunk))
        }
      }
      check()
    } catch (error) {
      const isTold = this.isOpen && this.#uploads.get(serial) === undefined
      if (isTold) await this.#write(procedure, types.stream, statuses.error, serial, new Uint8Array())
      throw error
    } finally {
      this.#uploads.delete(serial)
    }
    await this.#send(procedure, types.stream, statuses.ok, serial, new Uint8Array())
  }

  /** Makes a call that is answered by bytes, and holds them all: ask for few. */
  async download(procedure: Procedure, body: XdrWriter): Promise<Buffer> {
    const serial = (this.#serial += 1)
    const { promise: whole, resolve, reject } = Promise.withResolvers<Buffer>()
    whole.catch(() => undefined)
    this.#downloads.set(serial, { pieces: [], end: { resolve, reject } })
    try {
      await this.#send(procedure, types.call, statuses.ok, serial, body.bytes())
      const bytes = await whole
      await this.#send(procedure, types.stream, statuses.ok, serial, new Uint8Array())
      return bytes
    } finally {
      this.#downloads.delete(serial)
    }
  }

  close(): Promise<void> {
    this.#lose('the connection was closed')
    this.#stream.destroy()
    return this.closed
  }

  async #send(procedure: Procedure, type: number, status: number, serial: number, body: Uint8Array): Promise<XdrReader> {
    if (this.#lost !== undefined) throw new ConnectionLost(false, this.#lost)
    const answer = new Promise<Buffer>((resolve, reject) => this.#waiting.set(serial, { resolve, reject }))
    // Answered or not, nobody may be left with a rejection that was not looked at.
    answer.catch(() => undefined)
    await this.#write(procedure, type, status, serial, body)
    return new XdrReader(await answer)
  }

  async #write(procedure: Procedure, type: number, status: number, serial: number, body: Uint8Array): Promise<void> {
    if (this.#lost !== undefined) throw new ConnectionLost(true, this.#lost)
    const head = new XdrWriter()
      .uint(headBytes + body.length)
      .uint(program)
      .uint(1)
      .int(procedures[procedure])
      .int(type)
      .uint(serial)
      .int(status)
    this.#stream.write(head.bytes())
    if (body.length === 0 || this.#stream.write(body)) return
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.#stream.off('drain', go)
        this.#stream.off('close', go)
        resolve()
      }
      this.#stream.once('drain', go).once('close', go)
    })
  }

  #take(chunk: Buffer): void {
    this.#pieces.push(chunk)
    this.#held += chunk.length
    if (this.#held < 4) return
    let bytes = Buffer.concat(this.#pieces)
    while (bytes.length >= 4) {
      const length = bytes.readUInt32BE(0)
      if (length < headBytes || length > mostBytes) {
        this.#lose('it does not speak libvirt’s protocol')
        this.#stream.destroy()
        return
      }
      if (bytes.length < length) break
      this.#dispatch(bytes.subarray(0, length))
      bytes = bytes.subarray(length)
    }
    this.#pieces = bytes.length > 0 ? [bytes] : []
    this.#held = bytes.length
  }

  #dispatch(message: Buffer): void {
    const procedure = message.readInt32BE(12)
    const type = message.readInt32BE(16)
    const serial = message.readUInt32BE(20)
    const status = message.readInt32BE(24)
    const body = message.subarray(headBytes)
    if (type === types.message) return this.#onEvent(procedure, body)
    const failure = status === statuses.error ? readError(body) : undefined
    const download = this.#downloads.get(serial)
    if (download && type === types.stream && status !== statuses.ok) return receive(download, body, failure)
    const waiting = this.#waiting.get(serial)
    this.#waiting.delete(serial)
    if (!waiting) {
      // A stream that libvirt gives up while we are sending.
      if (type === types.stream && failure && this.#uploads.has(serial)) this.#uploads.set(serial, failure)
      return
    }
    if (failure) waiting.reject(failure)
    else waiting.resolve(body)
  }

  #lose(reason: string): void {
    this.#lost ??= reason
    for (const { reject } of this.#waiting.values()) reject(new ConnectionLost(true, this.#lost))
    this.#waiting.clear()
    for (const { end } of this.#downloads.values()) end.reject(new ConnectionLost(true, this.#lost))
  }
}

/** A piece of a download; one without bytes is its end. */
function receive(
  { pieces, end }: { readonly pieces: Buffer[]; readonly end: Waiting },
  body: Buffer,
  failure: LibvirtError | undefined,
): void {
  if (failure) end.reject(failure)
  // The bytes share a buffer with whatever else has come.
  else if (body.length > 0) pieces.push(Buffer.from(body))
  else end.resolve(Buffer.concat(pieces))
}

function readError(body: Buffer): LibvirtError {
  try {
    const reader = new XdrReader(body)
    const number = reader.int()
    reader.int()
    return new LibvirtError(number, reader.optionalString() ?? 'libvirt gave no reason')
  } catch {
    return new LibvirtError(1, 'libvirt gave no reason')
  }
}
