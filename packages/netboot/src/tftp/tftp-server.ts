import { type RemoteInfo, type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Call, VirtkitError } from '@virtkit/spi'
import { Turnstile } from '../server/limits.ts'
import { type Listen, listenError } from '../server/listen-error.ts'
import type { TftpLimits } from './limits.ts'
import { errorPacket, parseRequest, tftpErrors } from './packets.ts'
import { sendFile } from './session.ts'

/** The file of a name, or `undefined`. It is held in memory while it is sent: what is large goes over HTTP. */
export type FindFile = (name: string, signal: AbortSignal) => Promise<Uint8Array | undefined>

/**
 * A TFTP server that is only read from (RFC 1350, 2347 to 2349, 7440).
 * Promises: nothing that anybody sends ends it; what is no request gets no answer; transfers are limited for each address and in
 * all; disposing it ends what is under way and frees the port.
 */
export class TftpServer implements AsyncDisposable {
  readonly #socket: Socket
  readonly #host: string
  readonly #find: FindFile
  readonly #limits: TftpLimits
  readonly #perHost: Turnstile
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #closing = new AbortController()

  private constructor(socket: Socket, host: string, find: FindFile, limits: TftpLimits) {
    this.#socket = socket
    this.#host = host
    this.#find = find
    this.#limits = limits
    this.#perHost = new Turnstile(limits.transfersPerHost)
    socket.on('message', (packet, client) => this.#take(packet, client))
  }

  /** Throws `CONFLICT` when the port is taken, `FORBIDDEN`, `INVALID_INPUT` naming the field, `CANCELLED`. */
  static async open(listen: Listen, find: FindFile, limits: TftpLimits, call: Call): Promise<TftpServer> {
    const cancelled = new VirtkitError('CANCELLED', 'The TFTP server was not opened: the call was cancelled.', {
      details: {},
    })
    if (call.signal.aborted) throw cancelled
    const socket = createSocket(listen.host.includes(':') ? 'udp6' : 'udp4')
    try {
      socket.bind({ port: listen.port, address: listen.host, exclusive: true })
      await once(socket, 'listening', { signal: call.signal })
    } catch (error) {
      socket.close()
      throw call.signal.aborted ? cancelled : listenError(error, listen, 'tftp')
    }
    // Sending to somebody who cannot be reached is no reason to stop.
    socket.on('error', () => {})
    return new TftpServer(socket, listen.host, find, limits)
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** How many transfers there are at this moment. */
  get transfers(): number {
    return this.#underWay.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await Promise.all([closed, ...this.#underWay.values()])
  }

  #take(packet: Uint8Array, client: RemoteInfo): void {
    const request = parseRequest(packet)
    if (!request || client.port === 0 || this.#closing.signal.aborted) return
    if (request.kind === 'write') return this.#refuse(client, tftpErrors.denied, 'nothing is written here')
    if (request.mode !== 'octet') return this.#refuse(client, tftpErrors.illegal, 'the mode must be octet')
    // A client that asks once more has not got our answer yet; the transfer repeats that by itself.
    const key = `${client.address} ${client.port}`
    if (this.#underWay.has(key) || this.#underWay.size >= this.#limits.transfers) return
    const leave = this.#perHost.enter(client.address)
    if (!leave) return
    const work = this.#serve(request.file, request.options, client).finally(() => {
      leave()
      this.#underWay.delete(key)
    })
    this.#underWay.set(key, work)
  }

  async #serve(name: string, options: ReadonlyMap<string, string>, client: RemoteInfo): Promise<void> {
    const { signal } = this.#closing
    try {
      const file = await this.#find(name, signal)
      if (file) await sendFile(file, options, client, { host: this.#host, limits: this.#limits, signal })
      else this.#refuse(client, tftpErrors.notFound, 'not found')
    } catch {
      // Ours, not the client's: it asks again, and gets an answer when we have one.
    }
  }

  #refuse(client: RemoteInfo, code: number, message: string): void {
    if (!this.#closing.signal.aborted) this.#socket.send(errorPacket(code, message), client.port, client.address, () => {})
  }
}
