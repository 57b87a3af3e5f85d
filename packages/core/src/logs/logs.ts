import type { By } from '../access/actor.ts'
import type { LogLevel, ServiceName } from '../settings/service-levels.ts'
import type { LogFields, LogMessage } from './log-rules.ts'

/**
 * Where services of the kit write what happened. Promises: returns at once and never throws, whatever the disk does.
 *
 * No secret can get into a line: what is said is one of a closed list of messages, numbers are kept, and a text is kept only under a
 * field that is known for what it holds (see `log-rules.ts`).
 */
export interface Log {
  write(service: ServiceName, level: LogLevel, message: LogMessage, fields?: LogFields): void
}

export const noLog: Log = { write: () => {} }

/** What the kit's processes have logged, oldest lines rotated out. */
export interface Logs {
  /**
   * The newest lines that fit, oldest first. Throws `INVALID_INPUT`, and `UNSUPPORTED` when this kit keeps no logs.
   *
   * @example
   * ```ts
   * const { lines } = await kit.logs.list({ services: ['integrator'], levels: ['error'], limit: 50 })
   * ```
   */
  list(filter?: LogFilter, by?: By): Promise<LogPage>
  /**
   * Lines that are written from now on, by any process that logs to the same folder; with `from`, first those since then, of which
   * `limit` are the newest. Ends with the signal. Throws as `list` does, at once.
   */
  follow(filter?: LogFilter, options?: { readonly signal?: AbortSignal }, by?: By): AsyncGenerator<LogLine, void>
}

export interface LogFilter {
  /** Default: all. */
  readonly services?: readonly ServiceName[]
  /** Exactly these. Default: all. */
  readonly levels?: readonly LogLevel[]
  /** Milliseconds since the epoch, both included. */
  readonly from?: number
  readonly to?: number
  /** At most 10000. Default 1000. */
  readonly limit?: number
  /**
   * Names, host names, IP and MAC addresses appear as pseudonyms: the same stands for the same, and only this installation's key
   * ring could tell for what. Sentences, which may name anybody, are left out.
   */
  readonly pseudonymized?: boolean
}

export interface LogPage {
  readonly lines: readonly LogLine[]
  /** There were more than the limit: older ones are missing. */
  readonly truncated: boolean
}

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly service: ServiceName
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
  /** The process that wrote it. */
  readonly process: string
}
