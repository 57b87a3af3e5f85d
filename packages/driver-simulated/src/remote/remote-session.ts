import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Call, type KeyedCall, type VirtkitError, isVirtkitError } from '@virtkit/spi'
import { cancelled, unavailable, unreadable } from '../errors.ts'
import type { HttpConnection } from './http-connection.ts'
import { type RemoteMethod, remoteMethods } from './methods.ts'
import { type AnswerLine, type CallRequest, readLines, reviveError } from './wire.ts'

/** After an abort the simulator is given so long to say what became of the call. */
const lastWordMs = 500

/** Calls of one session; closing it ends them all. */
export class RemoteSession {
  readonly #connection: HttpConnection
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<void>>()

  constructor(connection: HttpConnection) {
    this.#connection = connection
  }

  async call(method: RemoteMethod, args: readonly unknown[], call: Call | KeyedCall): Promise<unknown> {
    return this.#ended(await this.#answer(method, args, call), call)
  }

  /** `content` is called when the simulator wants the bytes: not at all when it refuses. */
  async upload(meta: object, content: () => AsyncIterable<Uint8Array>, call: Call): Promise<unknown> {
    return this.#ended(await this.#answer('media.upload', [meta], call, content), call)
  }

  async *stream(method: RemoteMethod, args: readonly unknown[], call: Call): AsyncGenerator<unknown> {
    for await (const line of await this.#answer(method, args, call)) {
      // What was sent before the abort may have arrived already.
      if (call.signal.aborted || this.#closing.signal.aborted) throw cancelled('did-not-happen')
      if ('item' in line) yield line.item
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#underWay)
    await this.#connection.close()
  }

  async #ended(lines: AsyncIterable<AnswerLine>, call: Call): Promise<unknown> {
    let result: unknown
    for await (const line of lines) {
      if ('progress' in line) call.onProgress?.(line.progress)
      if ('done' in line) result = line.result
    }
    return result
  }

  /** Sends the call at once; its lines are read as they are asked for. */
  async #answer(
    method: RemoteMethod,
    args: readonly unknown[],
    call: Call | KeyedCall,
    content?: () => AsyncIterable<Uint8Array>,
  ): Promise<AsyncGenerator<AnswerLine>> {
    if (this.#closing.signal.aborted) throw unavailable('This session is closed.', 'did-not-happen')
    if (call.signal.aborted) throw cancelled('did-not-happen')
    const asked: CallRequest = {
      id: randomUUID(),
      method,
      args,
      ...('key' in call ? { key: call.key } : {}),
      ...(call.trace === undefined ? {} : { trace: call.trace }),
    }
    const kind = remoteMethods[method]
    const body = content && sendable(content)
    // A stream changes nothing, and an upload whose end was never sent neither: no need to ask what became of it.
    const harmless = (): boolean => kind === 'stream' || body?.sent() === false
    const changes = kind === 'write' || kind === 'upload'
    const watch = this.#watchAbort(asked, call.signal, harmless)
    const fail = (error: unknown): never => {
      watch.release()
      if (watch.broken()) throw cancelled(changes && !harmless() ? 'unknown' : 'did-not-happen')
      throw isVirtkitError(error) ? error : this.#connection.broken(error, changes && !harmless())
    }
    const request = JSON.stringify(asked)
    const head = body
      ? { path: `/upload?call=${encodeURIComponent(request)}`, body: body.read }
      : { path: '/call', body: request }
    try {
      const response = await this.#connection.ask({ method: 'POST', ...head, signal: watch.signal, changes })
      return this.#lines(response, changes, watch.release, fail)
    } catch (error) {
      return fail(error)
    }
  }

  async *#lines(
    response: IncomingMessage,
    changes: boolean,
    release: () => void,
    fail: (error: unknown) => never,
  ): AsyncGenerator<AnswerLine> {
    let ended = false
    let failure: VirtkitError | undefined
    try {
      for await (const value of readLines(response)) {
        const line = value as AnswerLine
        if ('error' in line) failure = reviveError(line.error)
        else yield line
        ended = 'error' in line || 'done' in line
      }
      // Thrown only now: a connection that was read to its end can be used again.
      if (failure) throw failure
      if (!ended) throw this.#connection.broken(undefined, changes)
    } catch (error) {
      fail(error)
    } finally {
      release()
      // Left before the end: the simulator learns it from the connection.
      if (!ended) response.destroy()
    }
  }

  /** On an abort: asks the simulator to cancel and waits for its word; when none comes, breaks the connection. */
  #watchAbort(asked: CallRequest, signal: AbortSignal, harmless: () => boolean): AbortWatch {
    const cut = new AbortController()
    let timer: NodeJS.Timeout | undefined
    let finish = (): void => undefined
    const over = new Promise<void>((resolve) => (finish = resolve))
    this.#underWay.add(over)
    const sources = [signal, this.#closing.signal]
    const release = (): void => {
      clearTimeout(timer)
      for (const source of sources) source.removeEventListener('abort', onAbort)
      this.#underWay.delete(over)
      finish()
    }
    const breakOff = (): void => {
      cut.abort()
      // Whoever reads a stream may never come back to see it.
      release()
    }
    const onAbort = (): void => {
      if (harmless()) return breakOff()
      timer ??= setTimeout(breakOff, lastWordMs)
      const cancel = { method: 'POST', path: '/cancel', body: JSON.stringify({ id: asked.id }), changes: false } as const
      this.#connection.ask({ ...cancel, signal: cut.signal }).then(
        (response) => response.resume(),
        () => undefined,
      )
    }
    for (const source of sources) source.addEventListener('abort', onAbort, { once: true })
    return { signal: cut.signal, release, broken: () => cut.signal.aborted }
  }
}

interface AbortWatch {
  /** Aborts when the connection is to be broken. */
  readonly signal: AbortSignal
  readonly release: () => void
  readonly broken: () => boolean
}

/** Content that knows whether all of it has left; its breaking off is the caller's error, not the connection's. */
function sendable(content: () => AsyncIterable<Uint8Array>): { sent(): boolean; read(): AsyncIterable<Uint8Array> } {
  let sent = false
  return {
    sent: () => sent,
    read: async function* () {
      try {
        yield* content()
      } catch (cause) {
        throw isVirtkitError(cause) ? cause : unreadable('it could not be read', cause)
      }
      sent = true
    },
  }
}
