import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Job, Order, Told } from './job.ts'
import type { PackedProgram } from './pack-program.ts'
import type { Dice } from './seeded-random.ts'

interface Member {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  readonly slot: number
  readonly generation: number
  done: number
  killed: boolean
}

/** The client processes: started, disturbed, replaced when killed, and ended for certain. */
export class Fleet implements AsyncDisposable {
  readonly #jobOf: (slot: number, generation: number) => Job
  readonly #program: PackedProgram
  readonly #members = new Map<number, Member>()
  readonly #failures: string[] = []
  #doneBefore = 0
  kills = 0
  pauses = 0

  constructor(program: PackedProgram, jobOf: (slot: number, generation: number) => Job) {
    this.#program = program
    this.#jobOf = jobOf
  }

  get done(): number {
    return [...this.#members.values()].reduce((sum, member) => sum + member.done, this.#doneBefore)
  }

  /** Everybody has done something: nobody is still on its way up, or down. */
  get isAtWork(): boolean {
    return [...this.#members.values()].every((member) => member.done > 0 && isAlive(member))
  }

  /** Processes that ended by themselves. */
  get failures(): readonly string[] {
    return this.#failures
  }

  start(slot: number, generation = 0): void {
    const { path, environment } = this.#program
    const child = fork(path, [], {
      execArgv: [],
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const member: Member = { child, ended: once(child, 'exit'), slot, generation, done: 0, killed: false }
    child.on('message', (told: Told) => (member.done = told.done))
    // A message to somebody who has just been killed is lost; that is what killing is.
    child.on('error', () => {})
    child.send({ job: this.#jobOf(slot, generation) } satisfies Order, () => {})
    this.#members.set(slot, member)
  }

  /** Kills one in the middle of whatever it does, and starts another in its place. */
  async kill(dice: Dice): Promise<void> {
    const member = dice.pick([...this.#members.values()].filter(isAlive))
    if (!member) return
    member.killed = true
    member.child.kill('SIGKILL')
    await member.ended
    this.kills += 1
    this.#replace(member)
  }

  /** Stops one dead for a while, and lets it go on as if nothing had been. */
  async pause(dice: Dice, ms: number): Promise<void> {
    const member = dice.pick([...this.#members.values()].filter(isAlive))
    if (!member) return
    member.child.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, ms))
    member.child.kill('SIGCONT')
    this.pauses += 1
  }

  /** Whoever ended by itself is a failure, and is replaced so that the run goes on. */
  #replaceFallen(): void {
    for (const member of this.#members.values()) {
      if (isAlive(member)) continue
      this.#failures.push(`process ${member.slot} ended by itself: ${member.child.signalCode ?? member.child.exitCode}`)
      this.#replace(member)
    }
  }

  #replace(member: Member): void {
    this.#doneBefore += member.done
    this.start(member.slot, member.generation + 1)
  }

  check(): void {
    if ([...this.#members.values()].some((member) => !isAlive(member) && !member.killed)) this.#replaceFallen()
  }

  /** Everybody ends the move that it is at, and closes; whoever does not within a minute is killed, and that is a failure. */
  async stop(): Promise<void> {
    for (const { child } of this.#members.values()) child.send({ stop: true } satisfies Order, () => {})
    for (const { child, ended, slot } of this.#members.values()) {
      const tooLong = setTimeout(() => child.kill('SIGKILL'), 60_000)
      if (isAlive({ child })) await ended
      clearTimeout(tooLong)
      if (child.exitCode !== 0) this.#failures.push(`process ${slot} did not stop: ${child.signalCode ?? child.exitCode}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child, ended } of this.#members.values()) {
      if (!isAlive({ child })) continue
      child.kill('SIGKILL')
      await ended
    }
  }
}

function isAlive({ child }: { readonly child: ChildProcess }): boolean {
  return child.exitCode === null && child.signalCode === null
}
