import { LiveBars } from './bars.ts'
import type { Output } from './output.ts'

/**
 * How far one piece of work is: a bar on a terminal, an object per line with `--json`, a line on stderr whenever something else is done.
 * Promises: it never goes back, and tells nothing twice.
 */
export class Meter {
  readonly #output: Output
  readonly #name: string
  readonly #say: (text: string) => void
  readonly #bars: LiveBars | undefined
  #percent = -1
  #text = ''

  constructor(output: Output, name: string, say: (text: string) => void) {
    this.#output = output
    this.#name = name
    this.#say = say
    this.#bars = output.isLive ? new LiveBars(output.raw, () => output.columns) : undefined
  }

  set(percent: number, text: string): void {
    const most = Math.max(this.#percent, Math.min(100, Math.max(0, percent)))
    const isNew = text !== this.#text
    if (most === this.#percent && !isNew) return
    this.#percent = most
    this.#text = text
    if (this.#bars) this.#bars.set({ name: this.#name, percent: most, text })
    else if (this.#output.isJson) this.#output.json({ event: 'progress', name: this.#name, percent: most, text })
    else if (isNew && text !== '') this.#say(`${this.#name}: ${text}`)
  }

  end(): void {
    this.#bars?.end()
  }
}
