/** One of two things that are measured side by side. */
export interface Side {
  /** Does some of it; answers how much and how long that took. */
  burst(): Promise<{ readonly calls: number; readonly ms: number }>
  /** Whether a burst did what it says. Throws when it did not: then there is no figure. This is not measured. */
  check?(calls: number): Promise<void>
  /** Puts everything back, after a burst that failed too; this is not measured. */
  putBack(): Promise<void>
}

export interface PairResult {
  /** Per second; the medians of the rounds. */
  readonly value: number
  readonly limit: number
  /** The median of the rounds' ratios, which is not the ratio of the medians. */
  readonly ratio: number
}

/**
 * Measures a side and its limit in turns, A B B A: machines are noisy, and what slows down one round slows down both. Before the
 * first round both run once, unmeasured, for `warmMs` (default: half a slice).
 */
export async function measurePairs(
  side: Side,
  limit: Side,
  how: { readonly rounds: number; readonly sliceMs: number; readonly warmMs?: number },
): Promise<PairResult> {
  for (const each of [side, limit]) await slice(each, how.warmMs ?? how.sliceMs / 2)
  const rounds: { value: number; limit: number }[] = []
  for (let round = 0; round < how.rounds; round += 1) {
    const first = await slice(side, how.sliceMs)
    const second = await slice(limit, how.sliceMs)
    const third = await slice(limit, how.sliceMs)
    const fourth = await slice(side, how.sliceMs)
    rounds.push({ value: rate(first, fourth), limit: rate(second, third) })
  }
  return {
    value: median(rounds.map((round) => round.value)),
    limit: median(rounds.map((round) => round.limit)),
    ratio: median(rounds.map((round) => round.value / round.limit)),
  }
}

interface Slice {
  readonly calls: number
  readonly ms: number
}

async function slice(side: Side, atLeastMs: number): Promise<Slice> {
  const endAt = performance.now() + atLeastMs * 4 // putting back takes its time too
  let calls = 0
  let ms = 0
  do {
    try {
      const burst = await side.burst()
      await side.check?.(burst.calls)
      calls += burst.calls
      ms += burst.ms
    } finally {
      await side.putBack()
    }
  } while (ms < atLeastMs && performance.now() < endAt)
  return { calls, ms }
}

const rate = (a: Slice, b: Slice): number => ((a.calls + b.calls) * 1000) / (a.ms + b.ms)

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
