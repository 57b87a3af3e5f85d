import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Call, type Hypervisor, invalidInput, isVirtkitError, toVirtkitError } from '@virtkit/spi'
import { unavailable } from '../errors.ts'
import { isRemoteMethod, remoteMethods } from '../remote/methods.ts'
import type { CallRequest } from '../remote/wire.ts'
import { writeLine } from './answer.ts'

/** Calls of facets that are under way, by the client's id. */
export class CallRoute {
  readonly #hypervisor: Hypervisor
  readonly #underWay = new Map<string, AbortController>()
  readonly #answering = new Set<ServerResponse>()
  #closing = false

  constructor(hypervisor: Hypervisor) {
    this.#hypervisor = hypervisor
  }

  cancel(body: unknown): void {
    const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined
    if (typeof id === 'string') this.#underWay.get(id)?.abort()
  }

  /** From now on, calls that end are told that the simulator stops. */
  close(): void {
    this.#closing = true
  }

  /** Resolves when every answer has left. */
  async answered(): Promise<void> {
    await Promise.all([...this.#answering].map((response) => once(response, 'close')))
  }

  async answer(body: unknown, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = readCall(body)
    const abort = new AbortController()
    this.#underWay.set(asked.id, abort)
    // The client went away without a word: nobody waits for the answer.
    const left = (): void => abort.abort()
    response.once('close', left)
    this.#answering.add(response)
    response.once('close', () => this.#answering.delete(response))
    try {
      await this.#run(asked, request, response, abort.signal)
    } catch (error) {
      const told =
        this.#closing && isVirtkitError(error, 'CANCELLED') && !abort.signal.aborted
          ? unavailable('The simulator stops.', error.outcome)
          : toVirtkitError(error)
      await writeLine(response, { error: told.toJSON() })
    } finally {
      response.off('close', left)
      this.#underWay.delete(asked.id)
      // What an upload has not sent yet is read and thrown away: a connection that is cut would lose our answer.
      request.resume()
      response.end()
    }
  }

  async #run(asked: CallRequest, request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { method, args, key, trace } = asked
    const [facet = '', name = ''] = method.split('.')
    const call: Call & { key?: string } = {
      signal,
      onProgress: (progress) => void writeLine(response, { progress }),
      ...(key === undefined ? {} : { key }),
      ...(trace === undefined ? {} : { trace }),
    }
    // The names are from our own list, and what comes over the wire is checked by the facets themselves.
    const operations = Reflect.get(this.#hypervisor, facet) as Record<string, (...given: unknown[]) => unknown>
    const content = (): IncomingMessage => {
      // Only now does the client begin to send: a refusal costs no upload.
      response.writeContinue()
      return request
    }
    const given = remoteMethods[method] === 'upload' ? [{ ...(args[0] as object), content }] : args
    const result = operations[name]!(...given, call)
    if (remoteMethods[method] !== 'stream') return writeLine(response, { done: true, result: await result })
    // Says that we have begun, so that a client that waits for changes misses none.
    response.writeHead(200, { 'x-virtkit-simulator': '1' }).flushHeaders()
    for await (const item of result as AsyncIterable<unknown>) {
      await writeLine(response, { item })
      if (response.destroyed) break
    }
    await writeLine(response, { done: true })
  }
}

function readCall(body: unknown): CallRequest {
  const { id, method, args, key, trace } = (typeof body === 'object' && body !== null ? body : {}) as Partial<CallRequest>
  if (typeof id !== 'string' || !isRemoteMethod(method) || !Array.isArray(args)) {
    throw invalidInput([{ field: 'body', problem: 'must have an id, a known method, and a list of args' }])
  }
  return {
    id,
    method,
    args,
    ...(typeof key === 'string' ? { key } : {}),
    ...(typeof trace === 'string' ? { trace } : {}),
  }
}
