/**
 * Commands in and events out over an engine that you run already.
 *
 * - engine: pg-boss, BullMQ or AMQP 0-9-1, behind a port of three methods (`QueueEngine`); each has a door of its own
 * - command: a change of the REST contract as a message; `takeCommands` carries it out, once
 * - dead letter: a command that cannot be done, with the reason
 * - event: what happened, as a CloudEvent 1.0; `cloudEvents` is the kit's sink for them
 */
export { type WhoAsks, asUser, byToken } from './callers.ts'
export { type CloudEvent, type CloudEventOptions, cloudEvents, toCloudEvent } from './cloud-events.ts'
export type { Command, CommandInput, CommandName } from './command.ts'
export { type CommandQueue, type CommandQueueOptions, takeCommands } from './command-queue.ts'
export { type CommandSender, type CommandSendOptions, commandSender } from './command-sender.ts'
export type { DeadReason } from './command-verdict.ts'
export type { DeadLetter } from './dead-letter.ts'
export type {
  ConsumeOptions,
  Consumer,
  Delivery,
  EngineOptions,
  QueueEngine,
  QueueMessage,
  SendOptions,
} from './queue-engine.ts'
