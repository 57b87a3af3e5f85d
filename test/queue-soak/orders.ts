import { setTimeout as pause } from 'node:timers/promises'
import { type CloudEvent, type CommandInput, type CommandName, type DeadLetter, commandSender } from '@virtkit/queue'
import type { OpenedEngine } from '@virtkit/test-engines/clients'
import { passwordHash, queues } from './job.ts'

/** What the one who asks has been told of its commands. */
export interface Told {
  /** Answers by the id of the command; told again, they are the same. */
  readonly answers: ReadonlyMap<string, string>
  /** Commands that were answered twice, and not the same. */
  readonly changed: readonly string[]
  readonly dead: readonly DeadLetter[]
}

/** Asks for machines and, as soon as each is there on paper, for its installation. Every tenth command is sent twice. */
export class Orders {
  readonly #engine: OpenedEngine['engine']
  readonly #answers = new Map<string, string>()
  readonly #changed: string[] = []
  readonly #dead: DeadLetter[] = []

  constructor(engine: OpenedEngine['engine']) {
    this.#engine = engine
  }

  get told(): Told {
    return { answers: this.#answers, changed: this.#changed, dead: this.#dead }
  }

  async listen(): Promise<void> {
    await this.#engine.consume(queues.results, ({ body }) => this.#hear(body as CloudEvent), { concurrency: 8 })
    await this.#engine.consume(queues.dead, async ({ body }) => void this.#dead.push(body as DeadLetter))
  }

  async place(machines: readonly CommandInput<'virtualMachines.create'>[]): Promise<void> {
    for (const machine of machines) await this.#send('virtualMachines.create', machine, `create-${machine.name}`)
  }

  async #hear({ id, data }: CloudEvent): Promise<void> {
    const answer = JSON.stringify(data)
    const known = this.#answers.get(id)
    if (known !== undefined && known !== answer) this.#changed.push(`${id}: ${known}, then ${answer}`)
    const key = (data['answer'] as { key?: unknown }).key
    if (data['operation'] === 'virtualMachines.create' && typeof key === 'number') {
      await this.#send('virtualMachines.install', { key, password: passwordHash }, id.replace('create-', 'install-'))
    }
    this.#answers.set(id, answer)
  }

  /** The engine is taken away on purpose: what it has not confirmed is sent again. */
  async #send<Name extends CommandName>(name: Name, input: CommandInput<Name>, id: string): Promise<void> {
    const sender = commandSender(this.#engine, { to: queues.commands })
    for (let left = id.endsWith('0') ? 2 : 1; left > 0;) {
      try {
        await sender.send(name, input, { id, signal: AbortSignal.timeout(30_000) })
        left -= 1
      } catch {
        await pause(500)
      }
    }
  }
}
