import { cut } from './table.ts'

/** A share as a bar: whole blocks, of exactly `width` characters. Not empty once something is there, not full before all is. */
export function renderBar(share: number, width: number): string {
  const bounded = Math.min(1, Math.max(0, share))
  let filled = Math.round(bounded * width)
  if (bounded > 0 && filled === 0) filled = 1
  if (bounded < 1 && filled === width) filled = width - 1
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

export interface Bar {
  readonly name: string
  /** 0 to 100. */
  readonly percent: number
  /** What is done now. */
  readonly text: string
}

/** Bars one below the other, none wider than `columns`. */
export function renderBars(bars: readonly Bar[], columns: number): string[] {
  const names = Math.max(0, ...bars.map(({ name }) => name.length))
  const width = Math.max(8, Math.min(30, columns - names - 40))
  return bars.map(({ name, percent, text }) =>
    cut(
      `${name.padEnd(names)}  ${renderBar(percent / 100, width)} ${String(Math.floor(percent)).padStart(3)} %  ${text}`,
      columns,
    ),
  )
}

const up = (lines: number): string => `\u001B[${lines}A`
const clearBelow = '\u001B[0J'

/** Bars that are redrawn where they stand; what else is written goes above them. */
export class LiveBars {
  readonly #write: (text: string) => void
  readonly #columns: () => number
  readonly #bars = new Map<string, Bar>()
  #drawn = 0

  constructor(write: (text: string) => void, columns: () => number) {
    this.#write = write
    this.#columns = columns
  }

  set(bar: Bar): void {
    this.#bars.set(bar.name, bar)
    this.#draw()
  }

  /** A line above the bars. */
  line(text: string): void {
    this.#write(`${this.#erase()}${text}\n`)
    this.#draw()
  }

  /** Leaves the bars as they are; what comes next is written below. */
  end(): void {
    this.#bars.clear()
    this.#drawn = 0
  }

  #draw(): void {
    // One less: a line that fills a terminal to its edge wraps on some.
    const lines = renderBars([...this.#bars.values()], this.#columns() - 1)
    const text = this.#erase() + lines.map((line) => `${line}\n`).join('')
    this.#drawn = lines.length
    this.#write(text)
  }

  #erase(): string {
    const text = this.#drawn > 0 ? `${up(this.#drawn)}\r${clearBelow}` : ''
    this.#drawn = 0
    return text
  }
}
