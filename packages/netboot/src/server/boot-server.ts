import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Call, VirtkitError } from '@virtkit/spi'
import { type Listen, listenError } from './listen-error.ts'
import type { BootServerLimits } from './limits.ts'

export type Answer = (request: IncomingMessage, response: ServerResponse, signal: AbortSignal) => Promise<void>

/** The HTTP server that guests talk to: sockets and their limits; what is said is `answer`'s. */
export class HttpBootServer implements AsyncDisposable {
  readonly #server: Server
  readonly #underWay = new Set<Promise<void>>()

  private constructor(answer: Answer, limits: BootServerLimits) {
    this.#server = createServer(
      { maxHeaderSize: 8192, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5000 },
      (request, response) => this.#handle(answer, request, response),
    )
    this.#server.maxConnections = limits.maxConnections
    this.#server.setTimeout(limits.idleMs, (socket) => socket.destroy())
  }

  /** Throws `CONFLICT` when the port is taken, `FORBIDDEN`, `INVALID_INPUT` naming `listen.host`, `CANCELLED`. */
  static async open(listen: Listen, answer: Answer, limits: BootServerLimits, call: Call): Promise<HttpBootServer> {
    const boot = new HttpBootServer(answer, limits)
    if (call.signal.aborted) throw cancelled()
    try {
      boot.#server.listen({ ...listen, exclusive: true })
      await once(boot.#server, 'listening', { signal: call.signal })
    } catch (error) {
      await boot[Symbol.asyncDispose]()
      throw call.signal.aborted ? cancelled() : listenError(error, listen)
    }
    return boot
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends what is under way and frees the port. Twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined
    if (closed) this.#server.close()
    this.#server.closeAllConnections()
    await Promise.allSettled([...this.#underWay, closed])
  }

  #handle(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    // A guest may reset its connection at any moment; `close` follows and ends the work.
    request.on('error', () => {})
    response.on('error', () => {})
    const work = answer(request, response, gone.signal).catch(() => {
      response.destroy()
    })
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }
}

function cancelled(): VirtkitError<'CANCELLED'> {
  return new VirtkitError('CANCELLED', 'The boot server was not opened: the call was cancelled.', { details: {} })
}
