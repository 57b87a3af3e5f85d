import { setTimeout as pause } from 'node:timers/promises'
import type { WorkerJob } from './job.ts'
import { type Child, startChild } from './run-child.ts'

/** How many stand by, loaded, to take the place of one that is killed. */
const standIns = 2

/** Workers of which one is killed each second, at random, and replaced; but the last two are left, who get the work done. */
export class Crew {
  readonly #program: string
  readonly #job: string
  readonly #standingBy: Child[] = []
  readonly #atWork = new Set<Child>()
  readonly #coming = new Set<Promise<void>>()
  readonly #killing = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  kills = 0

  /** `program` is the packed worker. */
  constructor(program: string, job: WorkerJob) {
    this.#program = program
    this.#job = JSON.stringify(job)
  }

  async start(count: number): Promise<void> {
    for (let left = standIns; left > 0; left -= 1) this.#standingBy.push(startChild(this.#program, this.#job))
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
    await Promise.all([...this.#atWork, ...this.#standingBy.splice(0)].map((worker) => worker.end()))
    this.#atWork.clear()
  }

  async #kill(everyMs: number): Promise<void> {
    const { signal } = this.#killing
    while (!signal.aborted) {
      await pause(everyMs, undefined, { signal }).catch(() => {})
      const alive = [...this.#atWork]
      if (signal.aborted || alive.length <= 2) continue
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
      this.#standingBy.push(startChild(this.#program, this.#job))
      const worker = this.#standingBy.shift()!
      try {
        await worker.nextLine()
        worker.tell('go')
        await worker.nextLine()
        return worker
      } catch {
        await pause(500)
      }
    }
  }
}
