import { type Clock, VirtkitError } from '@virtkit/spi'
import type { Access } from '../access/access.ts'
import type { By } from '../access/actor.ts'
import type { Keyring } from '../access/keyring.ts'
import type { FileLog } from './file-log.ts'
import type { LogFolder } from './log-folder.ts'
import { fits, parseFilter, parseLine } from './log-rules.ts'
import type { LogFilter, LogLine, LogPage, Logs } from './logs.ts'
import { Pseudonyms } from './pseudonyms.ts'

const defaultLimit = 1000
const mostLimit = 10_000
const lookMs = 250
/** A clock may be set back by so much between the lines of a file. */
const skewMs = 60_000

/** Reads what all processes have logged into the folder. */
export class FileLogs implements Logs {
  readonly #log: FileLog
  readonly #access: Access
  readonly #clock: Clock
  readonly #pseudonyms: () => Pseudonyms

  constructor(log: FileLog, access: Access, keyring: Keyring, clock: Clock, installation: string) {
    this.#log = log
    this.#access = access
    this.#clock = clock
    this.#pseudonyms = () => new Pseudonyms(keyring.derive(`logs/pseudonyms/${installation}`))
  }

  async list(input: LogFilter = {}, by?: By): Promise<LogPage> {
    const { folder, filter } = this.#begin(input, by)
    await this.#log.flush()
    const limit = filter.limit ?? defaultLimit
    let found: LogLine[] = []
    let truncated = false
    const keepNewest = (): void => {
      if (found.length <= limit) return
      truncated = true
      found = found.toSorted((a, b) => a.at - b.at).slice(-limit)
    }
    // Newest files first: when they fill the page, older ones need not be opened.
    for (const { name, process, from, to } of (await folder.segments()).toReversed()) {
      if (from - skewMs > (filter.to ?? from) || to + skewMs < (filter.from ?? to)) continue
      if (found.length >= limit && found.every(({ at }) => at > to + skewMs)) {
        truncated = true
        continue
      }
      for await (const [text] of folder.lines(name)) {
        const line = parseLine(text, process)
        if (line && fits(line, filter)) found.push(line)
        if (found.length >= 2 * limit) keepNewest()
      }
      keepNewest()
    }
    const lines = found.toSorted((a, b) => a.at - b.at)
    return { lines: this.#shown(lines, filter), truncated }
  }

  follow(
    input: LogFilter = {},
    { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
    by?: By,
  ): AsyncGenerator<LogLine, void> {
    const { folder, filter } = this.#begin(input, by)
    return this.#tail(folder, filter, signal)
  }

  async *#tail(folder: LogFolder, filter: LogFilter, signal: AbortSignal): AsyncGenerator<LogLine, void> {
    await this.#log.flush()
    const offsets = new Map<string, number>()
    for (const { name, to } of await folder.segments()) {
      const isOver = filter.from === undefined || to + skewMs < filter.from
      if (isOver) offsets.set(name, await folder.size(name))
    }
    let most = filter.limit ?? mostLimit
    while (!signal.aborted) {
      let news: LogLine[] = []
      const newest = (): LogLine[] => news.toSorted((a, b) => a.at - b.at).slice(-most)
      const segments = await folder.segments()
      for (const { name, process } of segments) {
        for await (const [text, end] of folder.lines(name, offsets.get(name) ?? 0)) {
          offsets.set(name, end)
          const line = parseLine(text, process)
          if (line && fits(line, filter)) news.push(line)
          if (news.length > 2 * mostLimit) news = newest()
        }
      }
      for (const name of offsets.keys()) if (!segments.some((segment) => segment.name === name)) offsets.delete(name)
      yield* this.#shown(newest(), filter)
      // The limit is for what there was already; of what comes nothing is left out.
      most = Number.POSITIVE_INFINITY
      await this.#clock.sleep(lookMs, signal).catch(() => {})
    }
  }

  #begin(input: LogFilter, by?: By): { folder: LogFolder; filter: LogFilter } {
    this.#access.require(by, 'logs:read')
    const filter = parseFilter(input)
    const { folder } = this.#log
    if (folder) return { folder, filter }
    throw new VirtkitError('UNSUPPORTED', 'This kit keeps no logs.', {
      details: { feature: 'logs' },
      hint: 'Hand `logs: { folder }` to createVirtkit.',
    })
  }

  #shown(lines: readonly LogLine[], { pseudonymized }: LogFilter): readonly LogLine[] {
    if (!pseudonymized) return lines
    const pseudonyms = this.#pseudonyms()
    return lines.map((line) => pseudonyms.line(line))
  }
}
