import { VirtkitError, isVirtkitError, type Call } from '@virtkit/spi'
import type { CallOptions, VimClient } from './client/vim-client.ts'
import { TransportFailure, VimFault } from './client/soap/vim-fault.ts'
import { TaskWaiter } from './client/task-waiter.ts'
import type { VimArguments } from './client/xml/write-xml.ts'
import { type MoRef, refAt } from './client/xml/xml-tree.ts'
import { type Subject, cancelled, driverError } from './errors.ts'

/** What a facet does its work with: everything that it sends is counted as read or as change. */
export interface Work {
  readonly client: VimClient
  readonly signal: AbortSignal
  readonly options: CallOptions
  /** A call that changes nothing. */
  read(method: string, self: MoRef, fields?: VimArguments): Promise<unknown>
  /** A call that changes something. */
  change(method: string, self: MoRef, fields?: VimArguments): Promise<unknown>
  /** A call that begins a task; answers its result. */
  task(method: string, self: MoRef, fields?: VimArguments): Promise<unknown>
  /** The same for a task that only reads. */
  readTask(method: string, self: MoRef, fields?: VimArguments): Promise<unknown>
  /** Says that something outside of SOAP changes something from here on. */
  changes(): void
  /** Says that, whatever was changed so far, the whole has not happened. */
  undone(): void
}

/** How long a task that nobody waits for any more is asked to end. */
const cancelTimeoutMs = 2_000

/** One open session of the driver: work under way, and its end. */
export class Session {
  readonly client: VimClient
  readonly #tasks: TaskWaiter
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(client: VimClient) {
    this.client = client
    this.#tasks = new TaskWaiter(client)
  }

  /** Runs work for a call. Promises: rejects with a `VirtkitError` whose outcome is true. */
  perform<T>(call: Call, subject: Subject | undefined, run: (work: Work) => Promise<T>): Promise<T> {
    const doing = this.#perform(call, subject, run)
    this.inBackground(doing)
    return doing
  }

  /** Work that `close` waits for. */
  inBackground(work: Promise<unknown>): void {
    const settled = work.then(
      () => undefined,
      () => undefined,
    )
    this.#underWay.add(settled)
    void settled.then(() => this.#underWay.delete(settled))
  }

  /** A signal that aborts with the call's or when the session closes. */
  link(signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
    const abort = new AbortController()
    const end = (): void => abort.abort(new Error('aborted'))
    for (const each of [signal, this.#closing.signal]) {
      if (each.aborted) end()
      each.addEventListener('abort', end, { once: true })
    }
    const release = (): void => {
      for (const each of [signal, this.#closing.signal]) each.removeEventListener('abort', end)
    }
    return { signal: abort.signal, release }
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  async close(): Promise<void> {
    const wasClosed = this.isClosed
    this.#closing.abort()
    await Promise.all(this.#underWay)
    if (wasClosed) return
    await this.#tasks.close()
    await this.client.close()
  }

  async #perform<T>(call: Call, subject: Subject | undefined, run: (work: Work) => Promise<T>): Promise<T> {
    if (this.isClosed) {
      throw new VirtkitError('HYPERVISOR_UNAVAILABLE', 'This session is closed.', { details: {} })
    }
    if (call.signal.aborted) throw cancelled('did-not-happen')
    const { signal, release } = this.link(call.signal)
    const state = { changed: false }
    try {
      return await run(this.#work(call, signal, state))
    } catch (error) {
      throw this.#told(error, signal, state.changed, subject)
    } finally {
      release()
    }
  }

  #told(error: unknown, signal: AbortSignal, changed: boolean, subject: Subject | undefined): VirtkitError {
    if (isVirtkitError(error)) return error
    if (signal.aborted) return cancelled(changed ? 'unknown' : 'did-not-happen')
    const told = driverError(error, changed, subject)
    if (isVirtkitError(told)) return told
    return new VirtkitError('INTERNAL', 'Something went wrong inside the vSphere driver.', {
      details: {},
      cause: error,
      outcome: changed ? 'unknown' : 'did-not-happen',
      hint: 'The cause of this error says more; please report it.',
    })
  }

  #work(call: Call, signal: AbortSignal, state: { changed: boolean }): Work {
    const { client } = this
    const options = { signal }
    let told = 0
    const onProgress = (percent: number): void => {
      // One call may have several tasks: what is told never goes back.
      const next = Math.min(Math.max(percent, told), 100)
      if (next > told) call.onProgress?.({ percent: next })
      told = next
    }
    const begin = async (method: string, self: MoRef, fields: VimArguments, isRepeated = false): Promise<unknown> => {
      const task = refAt(await client.call(method, self, fields, options))
      if (!task) throw new TransportFailure('NO_SOAP', true, 'The answer names no task.')
      try {
        return await this.#tasks.wait(task, signal, onProgress)
      } catch (error) {
        if (signal.aborted) this.#cancel(task)
        // Refused before it was carried out: the login was forgotten between the call and its task.
        if (!isRepeated && error instanceof VimFault && error.fault === 'NotAuthenticated')
          return begin(method, self, fields, true)
        throw error
      }
    }
    return {
      client,
      signal,
      options,
      read: (method, self, fields = {}) => client.call(method, self, fields, options),
      change: (method, self, fields = {}) => {
        state.changed = true
        return client.call(method, self, fields, options)
      },
      task: (method, self, fields = {}) => {
        state.changed = true
        return begin(method, self, fields)
      },
      readTask: (method, self, fields = {}) => begin(method, self, fields),
      changes: () => void (state.changed = true),
      undone: () => void (state.changed = false),
    }
  }

  /** The server may still end it in time; whether it did is not known. */
  #cancel(task: MoRef): void {
    this.inBackground(this.client.call('CancelTask', task, {}, { signal: AbortSignal.timeout(cancelTimeoutMs) }))
  }
}
