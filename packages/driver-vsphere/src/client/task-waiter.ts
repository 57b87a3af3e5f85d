import { throughView } from './retrieve.ts'
import { TransportFailure, VimFault, taskFault } from './soap/vim-fault.ts'
import type { VimClient } from './vim-client.ts'
import { type MoRef, at, listAt, numberAt, refAt, textAt } from './xml/xml-tree.ts'

interface Waiting {
  readonly task: MoRef
  readonly info: Record<string, unknown>
  readonly onProgress: ((percent: number) => void) | undefined
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** What the server keeps for us while tasks are under way. */
interface Collector {
  readonly collector: MoRef
  readonly list: MoRef
  readonly generation: number
}

const maxWaitSeconds = 30
const paths = ['info.state', 'info.progress', 'info.error', 'info.result']
/** How often in a row the connection may break before those who wait are told. */
const patience = 5

/**
 * Waits for tasks, all of them with one collector and one connection.
 *
 * Promises: a task that fails rejects with its `VimFault`; a `TransportFailure` means that the outcome is not known. After
 * `close` everybody has been told and nothing is asked any more.
 */
export class TaskWaiter {
  readonly #client: VimClient
  readonly #closing = new AbortController()
  readonly #waiting = new Map<string, Waiting>()
  #toAdd: MoRef[] = []
  #toRemove: MoRef[] = []
  #collector: Collector | undefined
  #version: string | undefined
  #running: Promise<void> | undefined
  #changing: Promise<void> = Promise.resolve()

  constructor(client: VimClient) {
    this.#client = client
  }

  /** Resolves with the task's result. When the signal aborts it rejects, and the task goes on. */
  wait(task: MoRef, signal: AbortSignal, onProgress?: (percent: number) => void): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const stop = (): void => this.#forget(task.id)?.reject(signal.reason)
    this.#waiting.set(task.id, { task, info: {}, onProgress, resolve, reject })
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    this.#toAdd.push(task)
    this.#start()
    // Tasks that begin in one turn are told to the server in one call.
    setImmediate(() => this.#changeSoon())
    return promise.finally(() => signal.removeEventListener('abort', stop))
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'))
    this.#rejectAll(new TransportFailure('CLOSED', true, 'The session was closed.'))
    await this.#running
    await this.#changing
  }

  #start(): void {
    if (this.#running || this.#waiting.size === 0 || this.#closing.signal.aborted) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      this.#start()
    })
  }

  async #run(): Promise<void> {
    // Whoever comes in the same turn comes along.
    await new Promise((resolve) => setImmediate(resolve))
    let failures = 0
    while (this.#waiting.size > 0 && !this.#closing.signal.aborted) {
      try {
        if (this.#collector?.generation !== this.#client.generation) await this.#open()
        await this.#poll()
        failures = 0
      } catch (error) {
        if (this.#closing.signal.aborted) return
        this.#collector = undefined
        failures += 1
        if (failures >= patience) this.#rejectAll(error)
        else await pause(100 * 2 ** failures, this.#closing.signal)
      }
    }
  }

  async #open(): Promise<void> {
    const options = { signal: this.#closing.signal }
    const client = this.#client
    this.#collector = undefined
    this.#version = undefined
    const collector = refAt(await client.call('CreatePropertyCollector', client.service('propertyCollector'), {}, options))
    const { generation } = client
    this.#toAdd = []
    this.#toRemove = []
    const obj = [...this.#waiting.values()].map((waiting) => waiting.task)
    const list = refAt(await client.call('CreateListView', client.service('viewManager'), { obj }, options))
    if (!collector || !list) throw new VimFault('NotSupported', 'The server gives no property collector.')
    const spec = { propSet: [{ type: 'Task', all: false, pathSet: paths }], objectSet: [throughView(list, 'ListView')] }
    await client.call('CreateFilter', collector, { spec, partialUpdates: true }, options)
    if (client.generation !== generation) throw new VimFault('NotAuthenticated', 'The session was renewed meanwhile.')
    this.#collector = { collector, list, generation }
    this.#changeSoon()
  }

  async #poll(): Promise<void> {
    const { collector } = this.#collector ?? {}
    if (!collector) return
    const version = this.#version
    const fields = { ...(version === undefined ? {} : { version }), options: { maxWaitSeconds } }
    const options = { signal: this.#closing.signal, timeoutMs: (maxWaitSeconds + 20) * 1000, isPoll: true }
    const updates = await this.#client.call('WaitForUpdatesEx', collector, fields, options)
    for (const filter of listAt(updates, 'filterSet')) {
      for (const object of listAt(filter, 'objectSet')) this.#update(object)
    }
    if (this.#toRemove.length > 0) this.#changeSoon()
    this.#version = textAt(updates, 'version') ?? version
  }

  #update(object: unknown): void {
    const waiting = this.#waiting.get(refAt(object, 'obj')?.id ?? '')
    if (!waiting) return
    const { info } = waiting
    for (const change of listAt(object, 'changeSet')) info[textAt(change, 'name') ?? ''] = at(change, 'val')
    const state = textAt(info['info.state'])
    if (state === 'success') this.#forget(waiting.task.id)?.resolve(info['info.result'])
    else if (state === 'error') this.#forget(waiting.task.id)?.reject(taskFault(info['info.error']))
    else {
      const percent = numberAt(info['info.progress'])
      if (percent !== undefined) waiting.onProgress?.(percent)
    }
  }

  #forget(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (waiting) this.#toRemove.push(waiting.task)
    this.#waiting.delete(id)
    return waiting
  }

  #changeSoon(): void {
    this.#changing = this.#changing.then(() => this.#change())
  }

  async #change(): Promise<void> {
    const list = this.#collector?.list
    if (!list || this.#closing.signal.aborted || this.#toAdd.length + this.#toRemove.length === 0) return
    const add = this.#toAdd.splice(0).filter((task) => this.#waiting.has(task.id))
    const remove = this.#toRemove.splice(0)
    for (let attempt = 1; ; attempt += 1) {
      try {
        const gone = await this.#client.call('ModifyListView', list, { add, remove }, { signal: this.#closing.signal })
        for (const task of listAt(gone)) {
          const forgotten = new TransportFailure('TASK_GONE', true, 'The server has forgotten the task.')
          this.#forget(refAt(task)?.id ?? '')?.reject(forgotten)
        }
        return
      } catch (error) {
        // A list that went with its login is made anew, with everybody in it, by the one who polls.
        if (!(error instanceof TransportFailure)) return
        if (attempt >= patience) return add.forEach((task) => this.#forget(task.id)?.reject(error))
        await pause(100 * 2 ** attempt, this.#closing.signal)
        if (this.#closing.signal.aborted) return
      }
    }
  }

  #rejectAll(error: unknown): void {
    for (const id of this.#waiting.keys()) this.#forget(id)?.reject(error)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
