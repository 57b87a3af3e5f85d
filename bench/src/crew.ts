import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DatabaseLocation } from './bench-database.ts'
import type { Burst, BurstResult, WorkName } from './client-work.ts'

export interface CrewBurst {
  readonly work: WorkName
  readonly subjects: readonly number[]
  /** In each process. */
  readonly clients: number
  /** Of all clients of all processes together. */
  readonly calls: number
}

export interface CrewResult {
  readonly calls: number
  /** From the first start to the last end. */
  readonly ms: number
}

/** Processes with clients in them, all on one database. */
export class Crew implements AsyncDisposable {
  readonly #processes: readonly ChildProcess[]

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes
  }

  static async start(count: number, location: DatabaseLocation, poolSize: number): Promise<Crew> {
    const program = fileURLToPath(new URL('client-process.ts', import.meta.url))
    const options = JSON.stringify([location, poolSize])
    const processes: ChildProcess[] = []
    for (let index = 0; index < count; index += 1) {
      const child = fork(program, [options], { execArgv: ['--conditions=@virtkit/source'] })
      processes.push(child)
      await answerOf(child) // one after the other: the first one brings the schema
    }
    return new Crew(processes)
  }

  /**
   * All start at once. Throws when a call fails, or when two calls got hold of the same thing; then too, no call is under way any
   * more.
   */
  async burst({ work, subjects, clients, calls }: CrewBurst): Promise<CrewResult> {
    const perClient = Math.max(1, Math.floor(calls / (clients * this.#processes.length)))
    const answers = await Promise.allSettled(
      this.#processes.map((child, index) => {
        const answer = answerOf(child)
        const burst: Burst = { work, subjects, first: index * clients, clients, perClient }
        child.send(burst)
        return answer
      }),
    )
    const results = answers.map((answer) => {
      if (answer.status === 'rejected') throw answer.reason
      return answer.value!
    })
    const got = results.flatMap((result) => result.got)
    const twice = got.length - new Set(got).size
    if (twice > 0) throw new Error(`${twice} of ${got.length} calls of ${work} got what another one had got`)
    const startedAt = Math.min(...results.map((result) => result.startedAtMs))
    const endedAt = Math.max(...results.map((result) => result.endedAtMs))
    return { calls: got.length, ms: endedAt - startedAt }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#processes.map((child) => (isOver(child) ? undefined : once(child, 'exit')))
    for (const child of this.#processes) if (child.connected) child.disconnect()
    await Promise.all(ended)
  }
}

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

type Answer = { readonly ready: true } | { readonly result: BurstResult } | { readonly failure: string }

async function answerOf(child: ChildProcess): Promise<BurstResult | undefined> {
  const either = new AbortController()
  const { signal } = either
  const told = once(child, 'message', { signal }) as Promise<[Answer]>
  const ended = once(child, 'exit', { signal }).then(() => [{ failure: 'a process of clients has ended' }] as [Answer])
  ended.catch(() => {}) // nobody waits for it any more
  const [answer] = await Promise.race([told, ended])
  either.abort()
  if ('failure' in answer) throw new Error(answer.failure)
  return 'result' in answer ? answer.result : undefined
}
