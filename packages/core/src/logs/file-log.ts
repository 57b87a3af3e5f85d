import { randomBytes } from 'node:crypto'
import { type Clock, VirtkitError, toVirtkitError } from '@virtkit/spi'
import { type LogLevel, type ServiceLevels, type ServiceName, defaultLevels, isLogged } from '../settings/service-levels.ts'
import type { KnownSecrets } from './known-secrets.ts'
import { LogFolder } from './log-folder.ts'
import { type LogFields, type LogMessage, errorFields, keptFields, renderLine } from './log-rules.ts'
import type { Log } from './logs.ts'

export interface FileLogOptions {
  /** Left out: nothing is logged. */
  readonly folder?: string
  /** Of all processes together; the oldest lines go. */
  readonly maxBytes?: number
  readonly clock: Clock
  readonly secrets: KnownSecrets
  readonly onError: (error: VirtkitError) => void
}

const mostWaiting = 4 * 1024 * 1024

/**
 * The log of one process: lines are gathered in memory and written behind the caller's back, into a file of this process. A process
 * that is killed loses what it wrote in its last moment.
 *
 * What comes faster than the disk takes it is dropped, and how much is said in the next line. A disk that fails is told of once.
 */
export class FileLog implements Log, AsyncDisposable {
  readonly folder: LogFolder | undefined
  readonly #options: FileLogOptions
  readonly #maxBytes: number
  readonly #process = randomBytes(4).toString('hex')
  #levels: ServiceLevels = defaultLevels
  #waiting: string[] = []
  #bytes = 0
  /** The time of the first line that waits. */
  #since = 0
  #dropped = 0
  #writing: Promise<void> | undefined
  #segment: { name: string; bytes: number } | undefined
  #failing = false

  constructor(options: FileLogOptions) {
    this.#options = options
    this.#maxBytes = options.maxBytes ?? 64 * 1024 ** 2
    this.folder = options.folder === undefined ? undefined : new LogFolder(options.folder)
  }

  write(service: ServiceName, level: LogLevel, message: LogMessage, fields: LogFields = {}): void {
    if (!this.folder || !isLogged(level, this.#levels[service])) return
    const { clock, secrets } = this.#options
    const kept = keptFields(fields, (text) => secrets.redact(text))
    const at = clock.now()
    const line = renderLine({ at, service, level, message, fields: kept })
    if (this.#bytes + line.length > mostWaiting) {
      this.#dropped += 1
      return
    }
    if (this.#waiting.length === 0) this.#since = at
    this.#waiting.push(line)
    this.#bytes += line.length
    this.#writing ??= this.#drain(this.folder).finally(() => (this.#writing = undefined))
  }

  /** From now on each service logs from this level up. */
  setLevels(levels: Partial<ServiceLevels>): void {
    this.#levels = { ...defaultLevels, ...levels }
  }

  /** A function that logs what goes wrong in the background, and goes on to the host's. */
  reporting(onError: (error: VirtkitError) => void): (error: VirtkitError) => void {
    return (error) => {
      this.write('core', 'error', 'background work failed', errorFields(error))
      onError(error)
    }
  }

  /** All that was written so far is in the file. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.flush()
  }

  async #drain(folder: LogFolder): Promise<void> {
    // What comes in the same turn goes along.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join('')
      const since = this.#since
      this.#waiting = []
      this.#bytes = 0
      try {
        const segment = (this.#segment ??= await this.#next(folder, since))
        await folder.append(segment.name, text)
        segment.bytes += Buffer.byteLength(text)
        if (segment.bytes >= this.#segmentBytes()) this.#segment = undefined
        this.#failing = false
      } catch (error) {
        if (!this.#failing) this.#options.onError(unwritable(error))
        this.#failing = true
      }
      const dropped = this.#dropped
      this.#dropped = 0
      if (dropped > 0) this.write('logcollector', 'warning', 'lines were dropped', { count: dropped })
    }
  }

  async #next(folder: LogFolder, since: number): Promise<{ name: string; bytes: number }> {
    await folder.shrinkTo(this.#maxBytes - this.#segmentBytes())
    return { name: folder.segmentName(since, this.#process), bytes: 0 }
  }

  #segmentBytes(): number {
    return Math.max(16 * 1024, Math.floor(this.#maxBytes / 16))
  }
}

function unwritable(error: unknown): VirtkitError {
  const code = String((error as { code?: unknown }).code ?? '')
  return new VirtkitError('INTERNAL', `Logs cannot be written${code && ` (${code})`}; lines are lost until they can.`, {
    details: {},
    hint: 'Check that the folder of `logs` is there, may be written to and has room.',
    cause: toVirtkitError(error).cause,
  })
}
