/** Which points a run visits: all of them, or every so many-th of each scenario, beginning at one of them. */
export interface PointsInTurn {
  readonly begin: number
  readonly every: number
}

const parts = 4

/**
 * `VIRTKIT_CRASH_POINTS`: `all`, or `2/4` for the second of four parts. Without it a quarter, another one each day: four days of tests
 * see them all, and `npm run crash` does at once.
 */
export function pointsInTurn(wish: string | undefined, today: Date): PointsInTurn {
  if (wish === 'all') return { begin: 0, every: 1 }
  const asked = wish ?? `${(Math.floor(today.getTime() / 86_400_000) % parts) + 1}/${parts}`
  const [part = 0, every = 0] = asked.split('/').map(Number)
  if (!Number.isInteger(part) || !Number.isInteger(every) || part < 1 || part > every)
    throw new Error(`VIRTKIT_CRASH_POINTS is ${JSON.stringify(wish)}; write 'all', or '2/4' for the second of four parts.`)
  return { begin: part - 1, every }
}

/** Promises: one at least, of however few. */
export function inTurn<T>(points: readonly T[], { begin, every }: PointsInTurn): readonly T[] {
  const step = Math.min(every, points.length)
  return points.filter((_, index) => index % step === begin % step)
}
