/** Numbers from 0 up to, not including, 1: the same seed, the same numbers (mulberry32, public domain, Tommy Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** An id that looks like a hypervisor's, is unique by its counter, and follows from the seed: `vm-7c1f-12`. */
export function seededId(prefix: string, seed: number, counter: number): string {
  const scatter = Math.floor(seededRandom(seed + counter * 7919)() * 0x10000)
  return `${prefix}-${scatter.toString(16).padStart(4, '0')}-${counter}`
}
