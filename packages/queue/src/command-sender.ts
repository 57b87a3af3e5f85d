import { randomUUID } from 'node:crypto'
import { type Command, type CommandInput, type CommandName, commandVersion } from './command.ts'
import type { QueueEngine } from './queue-engine.ts'

export interface CommandSender {
  /**
   * Asks for a change; answers the command's id. Promises: when it resolves, the engine keeps the command. Send again what was not
   * resolved for, with the same `id`: it acts once.
   *
   * @example
   * ```ts
   * const id = await sender.send('virtualMachines.poweron', { key: 12 }, { id: `restart-${ticket}` })
   * ```
   */
  send<Name extends CommandName>(operation: Name, input: CommandInput<Name>, options?: CommandSendOptions): Promise<string>
}

export interface CommandSendOptions {
  /** Default: a random UUID. */
  readonly id?: string
  readonly token?: string
  readonly traceparent?: string
  readonly signal?: AbortSignal
}

/** Sends commands, typed by the contract. Anything else that writes the same JSON into the queue will do as well. */
export function commandSender(engine: Pick<QueueEngine, 'send'>, { to }: { readonly to: string }): CommandSender {
  return {
    send: async (operation, input, { id = randomUUID(), signal, ...more } = {}) => {
      const command: Command = { id, version: commandVersion, operation, input: { ...input }, ...more }
      const message = { id, type: operation, contentType: 'application/json', body: command }
      await engine.send(to, [message], signal && { signal })
      return id
    },
  }
}
