import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/** Somebody at the serial console of a guest: reads all of it, and types. */
export class SerialLine implements AsyncDisposable {
  readonly #terminal: string
  readonly #reader: ChildProcess
  readonly #ended: Promise<unknown>
  #said = ''
  #seen = 0

  /** What is read goes to the file `log` too. */
  constructor(terminal: string, log: string) {
    this.#terminal = terminal
    this.#reader = spawn('cat', [terminal], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#ended = once(this.#reader, 'close')
    this.#reader.stdout?.setEncoding('latin1').on('data', (chunk: string) => {
      this.#said += chunk
      appendFileSync(log, chunk, 'latin1')
    })
  }

  type(text: string): void {
    writeFileSync(this.#terminal, text, { flag: 'a' })
  }

  /** Waits until it has said something that was not waited for yet; answers all of it since then. Throws when `ms` have passed. */
  async hears(pattern: RegExp, ms: number): Promise<string> {
    for (const until = Date.now() + ms; Date.now() < until;) {
      const fresh = stripVTControlCharacters(this.#said.slice(this.#seen))
      if (pattern.test(fresh)) {
        this.#seen = this.#said.length
        return fresh
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error(`the console has not said ${pattern}; the last of it: ${this.tail}`)
  }

  get tail(): string {
    return stripVTControlCharacters(this.#said)
      .split(/[\r\n]+/)
      .slice(-40)
      .join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader.kill()
    await this.#ended
  }
}
