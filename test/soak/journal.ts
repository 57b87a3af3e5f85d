import type { BlockingDimension } from '@virtkit/core'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** A card as it was answered. */
export interface Card {
  readonly key: number
  readonly network: number
  readonly mac: string
  readonly ip?: string
}

/** What a client is about to do. Written down before, so that a kill in the middle leaves 'unknown', not 'nothing'. */
export type Move =
  | {
      readonly kind: 'take'
      readonly network: number
      readonly owner: string
      readonly until?: number
      readonly asked?: string
    }
  | { readonly kind: 'give'; readonly network: number; readonly owner: string }
  | { readonly kind: 'create' }
  | { readonly kind: 'add-card'; readonly machine: number }
  | { readonly kind: 'remove-card'; readonly card: number }
  | { readonly kind: 'resize' | 'change-owner' | 'deploy' | 'remove'; readonly machine: number }
  | { readonly kind: 'reserve'; readonly owner: string; readonly until: number }
  | { readonly kind: 'settle' | 'cancel'; readonly owner: string }
  | { readonly kind: 'sweep' | 'set-limits' }

export interface Answer {
  readonly address?: string
  readonly machine?: {
    readonly key: number
    readonly version: number
    readonly size: string
    readonly cards: readonly Card[]
  }
  readonly card?: Card
  readonly operation?: { readonly id: string; readonly state: string }
}

export interface Refusal {
  readonly code: string
  readonly message: string
  readonly contingent?: ContingentRefusal
}

/** A `CONTINGENT_EXCEEDED` with the stretch of the fact log in which it was made. */
export interface ContingentRefusal {
  readonly group: number
  readonly blocking: readonly BlockingDimension[]
  /** The last fact of the group that was there before the call. */
  readonly from: number
  /** The last fact of the group that was there after the answer. */
  readonly to: number
  /** Whose reservation the call replaces: it counts even when its time is over. */
  readonly keeps?: string
}

/** One move with its times, in milliseconds since the epoch. Without `answer` and `refusal` the client was killed in the middle. */
export interface Entry {
  readonly id: string
  readonly move: Move
  readonly startedAt: number
  readonly endedAt?: number
  readonly answer?: Answer
  readonly refusal?: Refusal
}

type Line =
  | { readonly begin: string; readonly at: number; readonly move: Move }
  | { readonly end: string; readonly at: number; readonly answer?: Answer; readonly refusal?: Refusal }

/** A file of lines, each written before the client goes on: whatever kills it, what it was answered is known. */
export class JournalWriter {
  readonly #file: number

  constructor(path: string) {
    this.#file = openSync(path, 'a')
  }

  begin(id: string, move: Move): void {
    this.#write({ begin: id, at: Date.now(), move })
  }

  end(id: string, result: { readonly answer: Answer } | { readonly refusal: Refusal }): void {
    this.#write({ end: id, at: Date.now(), ...result })
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}

/** The moves of one journal in the order in which they were begun. A last line that was cut off does not count. */
export function readJournal(path: string): Entry[] {
  const entries = new Map<string, Entry>()
  for (const text of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const line = JSON.parse(text) as Line
    if ('begin' in line) entries.set(line.begin, { id: line.begin, move: line.move, startedAt: line.at })
    else {
      const { end, at, ...result } = line
      entries.set(end, { ...entries.get(end)!, endedAt: at, ...result })
    }
  }
  return [...entries.values()]
}
