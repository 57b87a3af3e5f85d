import { says } from './error-texts.ts'
import { type Happened, PveError, isPveError } from './pve-error.ts'
import { type TaskPatience, nodeOfTask, sleep, waitForTask } from './tasks.ts'
import type { PveAsk, PveMethod, PveParams, PveTransport, PveUpload } from './transport.ts'

export interface CallPatience extends TaskPatience {
  /** How long a machine that somebody else works on is waited for. */
  readonly lockMs: number
}

export interface Change extends Pick<PveAsk, 'path' | 'at' | 'params'> {
  readonly method: Exclude<PveMethod, 'GET'>
}

/** Everything that one call of ours asks of the cluster, and whether any of it may have changed something. */
export class PveCall {
  readonly signal: AbortSignal
  readonly #transport: PveTransport
  readonly #patience: CallPatience
  /** Something has been changed, or may have been. */
  #changed = false
  /** Tasks that have been begun, and of which the end is not known. */
  readonly #open = new Set<string>()

  constructor(transport: PveTransport, patience: CallPatience, signal: AbortSignal) {
    this.#transport = transport
    this.#patience = patience
    this.signal = signal
  }

  /** Whether anything that was asked for may have been done. */
  get happened(): Happened {
    return this.#changed || this.#open.size > 0 ? 'maybe' : 'no'
  }

  get(path: string, at: PveAsk['at'] = {}, params: PveParams = {}): Promise<unknown> {
    return this.#transport.request({ method: 'GET', path, at, params, signal: this.signal })
  }

  /** Sends a change and waits for the task that it begins, if any; answers the task's warnings. Waits for locks, within bounds. */
  async change(change: Change): Promise<readonly string[]> {
    const until = performance.now() + this.#patience.lockMs
    for (let pause = 50; ; pause = Math.min(pause * 2, 2000)) {
      try {
        return await this.finish(await this.begin(change))
      } catch (error) {
        const busy = says(error, 'locked') || says(error, 'lockLate')
        if (!busy || performance.now() + pause > until) throw error
      }
      await this.pause(pause * (0.75 + Math.random() / 2))
    }
  }

  /** Sends a change; answers the id of its task, or undefined when it is done already. */
  async begin(change: Change): Promise<string | undefined> {
    return this.#begun(() => this.#transport.request({ ...change, signal: this.signal }))
  }

  /** Waits for a task. One that fails has changed nothing. */
  async finish(upid: string | undefined): Promise<readonly string[]> {
    if (upid === undefined) return []
    try {
      const warnings = await waitForTask(this.#transport, upid, this.#patience, this.signal)
      this.#changed = true
      return warnings
    } catch (error) {
      if (!isPveError(error, 'task')) this.#changed = true
      throw error
    } finally {
      this.#open.delete(upid)
    }
  }

  /** Answers the id of the task that puts the file in its place. */
  upload(upload: Omit<PveUpload, 'signal'>): Promise<string | undefined> {
    return this.#begun(() => this.#transport.upload({ ...upload, signal: this.signal }))
  }

  /** Nothing is left of what was asked for so far. */
  undone(): void {
    this.#changed = false
  }

  pause(ms: number): Promise<void> {
    return sleep(ms, this.signal).catch((error: unknown) => {
      throw isPveError(error) ? new PveError(error.failure, error.message, this.happened) : error
    })
  }

  async #begun(work: () => Promise<unknown>): Promise<string | undefined> {
    try {
      const answer = await work()
      const upid = nodeOfTask(answer) === undefined ? undefined : String(answer)
      if (upid === undefined) this.#changed = true
      else this.#open.add(upid)
      return upid
    } catch (error) {
      if (!isPveError(error) || error.happened === 'maybe') this.#changed = true
      throw error
    }
  }
}
