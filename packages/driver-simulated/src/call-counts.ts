/** How often each method was called, so that tests can count creates. */
export interface CallCounts {
  /** Calls of `machines.create`, …; of all methods without one. */
  count(method?: string): number
  /** How many were under way at once at most. */
  peak(method?: string): number
  /** Starts again from zero. */
  reset(): void
  summary(): Readonly<Record<string, { readonly count: number; readonly peak: number }>>
}

export interface CallCounter extends CallCounts {
  /** Tells of a call; what it answers tells of its end. */
  enter(method: string): () => void
}

interface Tally {
  count: number
  running: number
  peak: number
}

const all = '*'

export function createCallCounter(): CallCounter {
  const tallies = new Map<string, Tally>()
  const tally = (method: string): Tally => {
    const known = tallies.get(method) ?? { count: 0, running: 0, peak: 0 }
    tallies.set(method, known)
    return known
  }
  return {
    enter: (method) => {
      const both = [tally(method), tally(all)]
      for (const one of both) {
        one.count += 1
        one.running += 1
        one.peak = Math.max(one.peak, one.running)
      }
      return () => {
        for (const one of both) one.running -= 1
      }
    },
    count: (method = all) => tallies.get(method)?.count ?? 0,
    peak: (method = all) => tallies.get(method)?.peak ?? 0,
    reset: () => {
      for (const one of tallies.values()) Object.assign(one, { count: 0, peak: one.running })
    },
    summary: () => Object.fromEntries([...tallies].map(([method, { count, peak }]) => [method, { count, peak }])),
  }
}
