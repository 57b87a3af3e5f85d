import { setTimeout as pause } from 'node:timers/promises'
import type { WorkerJob } from './job.ts'
import { type Child, runChild } from './run-child.ts'

/**
 * Workers of which one is killed each second, at random, and replaced. At most two are missing at a time: on a busy machine it takes them
 * longer to come than to be killed.
 */
export class Crew {
  readonly #job: string
  readonly #atWork = new Set<Child>()
  readonly #coming = new Set<Promise<void>>()
  readonly #killing = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  #count = 0
  kills = 0

  constructor(job: WorkerJob) {
    this.#job = JSON.stringify(job)
  }

  async start(count: number): Promise<void> {
    this.#count = count
    await Promise.all(Array.from({ length: count }, () => this.#come()))
  }

  beginToKill(everyMs: number): void {
    this.#loop = this.#kill(everyMs)
  }

  /** From now on nobody is killed. */
  async endKilling(): Promise<void> {
    this.#killing.abort()
    await this.#loop
    await Promise.all(this.#coming)
  }

  async end(): Promise<void> {
    await this.endKilling()
    await Promise.all([...this.#atWork].map((worker) => worker.end()))
    this.#atWork.clear()
  }

  async #kill(everyMs: number): Promise<void> {
    const { signal } = this.#killing
    while (!signal.aborted) {
      await pause(everyMs, undefined, { signal }).catch(() => {})
      const alive = [...this.#atWork]
      if (signal.aborted || alive.length < Math.max(2, this.#count - 1)) continue
      const victim = alive[Math.floor(Math.random() * alive.length)]!
      this.#atWork.delete(victim)
      await victim.kill()
      this.kills += 1
      void this.#come()
    }
  }

  #come(): Promise<void> {
    const coming: Promise<void> = this.#hire()
      .then((worker) => void this.#atWork.add(worker))
      .finally(() => this.#coming.delete(coming))
    this.#coming.add(coming)
    return coming
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
