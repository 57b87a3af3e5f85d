import { setTimeout as pause } from 'node:timers/promises'
import type { WorkerJob } from './job.ts'
import { type Child, runChild } from './run-child.ts'

/** Workers of which one is killed each second, at random, and replaced. */
export class Crew {
  readonly #job: string
  readonly #workers: Child[] = []
  readonly #killing = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  kills = 0

  constructor(job: WorkerJob) {
    this.#job = JSON.stringify(job)
  }

  async start(count: number): Promise<void> {
    const workers = await Promise.all(Array.from({ length: count }, () => this.#hire()))
    this.#workers.push(...workers)
  }

  beginToKill(everyMs: number): void {
    this.#loop = this.#kill(everyMs)
  }

  /** From now on nobody is killed. */
  async endKilling(): Promise<void> {
    this.#killing.abort()
    await this.#loop
  }

  async end(): Promise<void> {
    await this.endKilling()
    await Promise.all(this.#workers.splice(0).map((worker) => worker.end()))
  }

  async #kill(everyMs: number): Promise<void> {
    const { signal } = this.#killing
    while (!signal.aborted) {
      await pause(everyMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      const place = Math.floor(Math.random() * this.#workers.length)
      await this.#workers[place]!.kill()
      this.kills += 1
      this.#workers[place] = await this.#hire()
    }
  }

  /** A worker may come up while the database or the engine is away: then another one is tried. */
  async #hire(): Promise<Child> {
    for (;;) {
      try {
        return await runChild('worker.ts', this.#job)
      } catch {
        await pause(500)
      }
    }
  }
}
