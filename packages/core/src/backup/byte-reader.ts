import { createHash } from 'node:crypto'
import { damaged } from './backup-rules.ts'

/** Takes bytes out of a stream in the portions that a format asks for, and counts them into a checksum. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #hash = createHash('sha256')
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Up to and without the line feed. */
  async line(most: number): Promise<string> {
    for (let from = 0; ;) {
      const at = this.#rest.indexOf(0x0a, from)
      if (at >= 0)
        return this.#take(at + 1)
          .toString('utf8')
          .slice(0, -1)
      from = this.#rest.length
      if (from > most || !(await this.#more())) throw damaged('it does not begin as one')
    }
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#rest.length < count) if (!(await this.#more())) throw damaged('it is cut off')
    return this.#take(count)
  }

  /** The checksum of all that was taken so far must come next, and then nothing. */
  async checkedEnd(): Promise<void> {
    const expected = this.#hash.copy().digest()
    if (!(await this.bytes(expected.length)).equals(expected)) throw damaged('its checksum is wrong')
    if (this.#rest.length > 0 || (await this.#more())) throw damaged('something follows behind its end')
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count)
    this.#rest = this.#rest.subarray(count)
    this.#hash.update(taken)
    return taken
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#source.next()
      if (done) return false
      if (value.byteLength === 0) continue
      this.#rest = this.#rest.length === 0 ? Buffer.from(value) : Buffer.concat([this.#rest, value])
      return true
    }
  }
}
