import { randomBytes } from 'node:crypto'

/**
 * UUIDs of version 7 (RFC 9562, 5.7), each greater than the one before: milliseconds first, then a counter of 12 bits that begins at
 * zero with each of them.
 */
export function ascendingIds(now: () => number = Date.now): () => string {
  let lastMs = 0
  let count = 0
  return () => {
    const ms = Math.max(now(), lastMs)
    count = ms === lastMs ? count + 1 : 0
    lastMs = ms
    if (count > 0xfff) {
      // More than a millisecond has room for: take the next one.
      lastMs += 1
      count = 0
    }
    const time = lastMs.toString(16).padStart(12, '0')
    const random = randomBytes(8)
    random[0] = (random[0]! & 0x3f) | 0x80
    const tail = random.toString('hex')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`
  }
}
