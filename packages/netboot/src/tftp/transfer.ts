import type { Terms } from './negotiation.ts'
import { dataPacket } from './packets.ts'

/**
 * What one client has, and what it is to be sent: pure, without sockets and timers. Blocks count from 1; block 0 is the answer to
 * its options.
 */
export class Transfer {
  readonly #file: Uint8Array
  readonly #blockBytes: number
  readonly #window: number
  readonly #last: number
  /** The highest block that the client is known to have; -1 while its options wait for an answer. */
  #acknowledged: number
  #mayRepeat = true

  constructor(file: Uint8Array, terms: Terms) {
    this.#file = file
    this.#blockBytes = terms.blockBytes
    this.#window = terms.windowBlocks
    // The last block is shorter than the others, and be it empty (RFC 1350, 6).
    this.#last = Math.floor(file.length / terms.blockBytes) + 1
    this.#acknowledged = terms.told.size > 0 ? -1 : 0
  }

  get isDone(): boolean {
    return this.#acknowledged === this.#last
  }

  /** True while the client has not taken the answer to its options. */
  get isAgreeing(): boolean {
    return this.#acknowledged < 0
  }

  /**
   * Takes an acknowledgement; answers whether a window is to be sent. One that is repeated is not answered twice (RFC 1123,
   * 4.2.3.1): with windows a client tells a gap by it (RFC 7440, 4), so there one repetition between two steps is.
   */
  acknowledge(block: number): boolean {
    const from = Math.max(this.#acknowledged, 0)
    const ahead = (block - from) & 0xffff
    if (this.isAgreeing) {
      if (ahead !== 0) return false
      this.#acknowledged = 0
      return true
    }
    if (ahead === 0) {
      if (this.#window === 1 || !this.#mayRepeat || this.isDone) return false
      this.#mayRepeat = false
      return true
    }
    if (ahead > this.#window || from + ahead > this.#last) return false
    this.#acknowledged = from + ahead
    this.#mayRepeat = true
    return !this.isDone
  }

  /** The blocks after the one that the client has. */
  *window(): Generator<Uint8Array> {
    const end = Math.min(this.#acknowledged + this.#window, this.#last)
    for (let block = this.#acknowledged + 1; block <= end; block += 1) {
      const start = (block - 1) * this.#blockBytes
      yield dataPacket(block, this.#file.subarray(start, start + this.#blockBytes))
    }
  }
}
