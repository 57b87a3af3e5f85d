/** Writes values as XDR (RFC 4506), in the order of the calls. */
export class XdrWriter {
  readonly #parts: Buffer[] = []

  int(value: number): this {
    const part = Buffer.alloc(4)
    part.writeInt32BE(value)
    this.#parts.push(part)
    return this
  }

  uint(value: number): this {
    const part = Buffer.alloc(4)
    part.writeUInt32BE(value)
    this.#parts.push(part)
    return this
  }

  uint64(value: number | bigint): this {
    const part = Buffer.alloc(8)
    part.writeBigUInt64BE(BigInt(value))
    this.#parts.push(part)
    return this
  }

  string(text: string): this {
    const bytes = Buffer.from(text)
    this.uint(bytes.length)
    this.#parts.push(bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4))
    return this
  }

  /** A pointer to a string: may be none. */
  optionalString(text: string | undefined): this {
    return text === undefined ? this.uint(0) : this.uint(1).string(text)
  }

  /** A fixed number of bytes, a multiple of four. */
  opaque(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes))
    return this
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** Reads what `XdrWriter` writes. Throws `RangeError` where the bytes end too early. */
export class XdrReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int(): number {
    return this.#take(4).readInt32BE()
  }

  uint(): number {
    return this.#take(4).readUInt32BE()
  }

  /** Above 2^53 it loses its last digits. */
  uint64(): number {
    return Number(this.#take(8).readBigUInt64BE())
  }

  string(): string {
    const length = this.uint()
    const text = this.#take(length).toString('utf8')
    this.#take((4 - (length % 4)) % 4)
    return text
  }

  optionalString(): string | undefined {
    return this.uint() === 0 ? undefined : this.string()
  }

  opaque(length: number): Buffer {
    return this.#take(length)
  }

  list<T>(read: () => T): T[] {
    const length = this.uint()
    // Each item takes four bytes at least: a length beyond that is no list.
    if (length > this.#bytes.length / 4) throw new RangeError('a list is longer than its message')
    return Array.from({ length }, read)
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('the message ends too early')
    const part = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return part
  }
}
