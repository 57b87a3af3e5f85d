import { randomBytes } from 'node:crypto'
import { localMacRange, macInRange, type MacRange } from '../values/mac-address.ts'

/** Names, keys and MAC addresses that clash neither with each other nor with those of another run on the same cluster. */
export class UniqueNames {
  readonly #run = randomBytes(4).toString('hex')
  readonly #macs = new Set<string>()
  readonly #range: MacRange
  #count = 0

  constructor(range: MacRange = localMacRange) {
    this.#range = range
  }

  name(stem: string): string {
    this.#count += 1
    return `check-${stem}-${this.#run}-${this.#count}`
  }

  key(): string {
    return `virtkit.check:${this.name('key')}`
  }

  mac(): string {
    for (;;) {
      const mac = macInRange(this.#range, randomBytes(4).readUInt32BE() / 2 ** 32)
      if (this.#macs.has(mac)) continue
      this.#macs.add(mac)
      return mac
    }
  }
}
