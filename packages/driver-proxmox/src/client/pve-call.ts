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
  #changed: Happened = 'no'

  constructor(transport: PveTransport, patience: CallPatience, signal: AbortSignal) {
    this.#transport = transport
    this.#patience = patience
    this.signal = signal
  }

  /** Whether anything that was asked for may have been done. */
  get happened(): Happened {
    return this.#changed
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
    return this.#watched(async () => {
      const answer = await this.#transport.request({ ...change, signal: this.signal })
      return nodeOfTask(answer) === undefined ? undefined : String(answer)
    })
  }

  async finish(upid: string | undefined): Promise<readonly string[]> {
    if (upid === undefined) return []
    return this.#watched(() => waitForTask(this.#transport, upid, this.#patience, this.signal))
  }

  upload(upload: Omit<PveUpload, 'signal'>): Promise<unknown> {
    return this.#watched(() => this.#transport.upload({ ...upload, signal: this.signal }))
  }

  /** Nothing is left of what was asked for so far. */
  undone(): void {
    this.#changed = 'no'
  }

  pause(ms: number): Promise<void> {
    return sleep(ms, this.signal).catch((error: unknown) => {
      throw isPveError(error) ? new PveError(error.failure, error.message, this.#changed) : error
    })
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.#changed = 'maybe'
      return result
    } catch (error) {
      if (!isPveError(error) || error.happened === 'maybe') this.#changed = 'maybe'
      throw error
    }
  }
}
