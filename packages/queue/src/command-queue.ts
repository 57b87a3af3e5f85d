import { randomUUID } from 'node:crypto'
import type { Virtkit } from '@virtkit/core'
import type { WhoAsks } from './callers.ts'
import type { CommandName } from './command.ts'
import { commandOperations } from './command-operations.ts'
import { commandResult } from './command-result.ts'
import { CommandTaker } from './command-taker.ts'
import { deadLetter } from './dead-letter.ts'
import type { Delivery, QueueEngine, QueueMessage } from './queue-engine.ts'

export interface CommandQueueOptions {
  readonly engine: QueueEngine
  /** The queue that commands come from. What cannot be done goes to `<from>.dead`. */
  readonly from: string
  /** Who asks: `byToken(kit)`, `asUser(kit, 'automation')`, or what the host knows. There is no default. */
  readonly whoAsks: WhoAsks
  /** What may be asked for. Default: every change to machines, their snapshots and networks, templates and operations. */
  readonly operations?: readonly CommandName[]
  /** Where answers go, as CloudEvents. Default nowhere: events tell what happens. */
  readonly results?: string
  /** Of results. Default `urn:virtkit`. */
  readonly source?: string
  /** How many are taken at a time. Default 4. */
  readonly concurrency?: number
}

export interface CommandQueue extends AsyncDisposable {
  /** Takes nothing more, lets end what is under way, and leaves the engine to the host. */
  close(): Promise<void>
}

/**
 * Takes commands from a queue and carries them out, in this process and in any number of others.
 *
 * Promises: a command acts once, however often it is told within a day, and whoever dies meanwhile. One that cannot be done goes to the
 * dead letters with the reason and stops nobody; what may pass is tried again, and while the database is away everything waits. What it
 * sets going is a durable operation, and for any process to work on. Throws `INVALID_INPUT` for an operation that is none.
 *
 * @example
 * ```ts
 * const commands = await takeCommands(kit, { engine, from: 'virtkit.commands', whoAsks: asUser(kit, 'automation') })
 * await commands.close() // before engine and kit
 * ```
 */
export async function takeCommands(kit: Virtkit, options: CommandQueueOptions): Promise<CommandQueue> {
  const { engine, from, results, source = 'urn:virtkit' } = options
  const taker = new CommandTaker(kit, options.whoAsks, commandOperations(options.operations))
  const take = async ({ body }: Delivery): Promise<void> => {
    const taken = await taker.take(body)
    const id = taken.command?.id ?? randomUUID()
    if ('afterMs' in taken) {
      const again = toMessage(id, { ...(body as object), attempt: taken.attempt })
      return engine.send(from, [again], { delayMs: taken.afterMs })
    }
    const now = Date.now()
    if ('dead' in taken) {
      const attempts = (taken.command?.attempt ?? 0) + 1
      await engine.send(`${from}.dead`, [deadLetter(taken.dead, taken.refusal, { body, attempts, id, now })])
    }
    if (results === undefined || !taken.command) return
    const answer =
      'answer' in taken
        ? taken.answer
        : { status: taken.refusal.status ?? 400, body: { reason: taken.dead, ...taken.refusal } }
    await engine.send(results, [commandResult(taken.command, answer, { source, now })])
  }
  const consumer = await engine.consume(from, take, { concurrency: options.concurrency ?? 4 })
  const close = async (): Promise<void> => {
    await consumer.close()
    await taker.close()
  }
  return { close, [Symbol.asyncDispose]: close }
}

const toMessage = (id: string, body: object): QueueMessage => ({
  id,
  type: 'retry',
  contentType: 'application/json',
  body,
})
