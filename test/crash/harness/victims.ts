import type { InstallReport } from '@virtkit/spi'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Job, Order, Word } from '../victim/messages.ts'
import type { Reception } from './guest-line.ts'

/** How a victim ended: at its point, or at the end of its job. */
export type Ending = { readonly killed: true } | (Extract<Word, { type: 'done' }> & { readonly killed: false })

/** Processes that wait for something to do: they have started when they are needed. */
export class Victims implements AsyncDisposable {
  readonly #program: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #waiting: Victim[] = []

  constructor(program: string, cacheFolder: string, ready: number) {
    this.#program = program
    this.#environment = { ...process.env, NODE_COMPILE_CACHE: cacheFolder, NODE_OPTIONS: '' }
    for (let count = 0; count < ready; count += 1) this.#waiting.push(this.#start())
  }

  /** Does a job in a process of its own. `serve` is handed the desk that guests report to. */
  async run(job: Job, serve: (reception: Reception) => void): Promise<Ending> {
    this.#waiting.push(this.#start())
    return this.#waiting.shift()!.run(job, serve)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#waiting.splice(0).map((victim) => victim.end()))
  }

  #start(): Victim {
    return new Victim(
      spawn(process.execPath, [this.#program], {
        env: this.#environment,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    )
  }
}

class Victim {
  readonly #child: ChildProcess
  readonly #exit: Promise<[number | null, NodeJS.Signals | null]>
  readonly #answers = new Map<number, (taken: boolean) => void>()

  constructor(child: ChildProcess) {
    this.#child = child
    this.#exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  }

  async run(job: Job, serve: (reception: Reception) => void): Promise<Ending> {
    let done: Extract<Word, { type: 'done' }> | undefined
    this.#child.on('message', (word: Word) => {
      if (word.type === 'done') done = word
      else if (word.type === 'reported') this.#answers.get(word.id)?.(word.taken)
      else serve((token, report) => this.#report(token, report))
    })
    this.#say({ type: 'job', job })
    const [code, signal] = await this.#exit
    if (signal === 'SIGKILL') return { killed: true }
    if (done) return { ...done, killed: false }
    throw new Error(`a victim ended with ${signal ?? code} and said nothing`)
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }

  async #report(token: string, report: InstallReport): Promise<boolean> {
    const id = this.#answers.size + 1
    const answered = new Promise<boolean>((resolve) => this.#answers.set(id, resolve))
    this.#say({ type: 'report', id, token, report })
    const gone = this.#exit.then(() => {
      throw new Error('the victim is gone')
    })
    return Promise.race([answered, gone])
  }

  #say(order: Order): void {
    // A victim that is gone does not listen; how it ended is told by `exit`.
    if (this.#child.connected) this.#child.send(order, () => {})
  }
}
