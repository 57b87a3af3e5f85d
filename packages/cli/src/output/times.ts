const msPerNs = 1e6

/** A time of the API (nanoseconds since the epoch) for people: `2026-11-27 10:04:05`, in UTC. Empty for none. */
export function showTime(nanoseconds: number | undefined): string {
  if (nanoseconds === undefined || nanoseconds === 0) return ''
  return new Date(nanoseconds / msPerNs).toISOString().slice(0, 19).replace('T', ' ')
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** A duration of the API (nanoseconds) in the largest unit that says it exactly: `40m`, `7d`. */
export function showDuration(nanoseconds: number): string {
  const ms = nanoseconds / msPerNs
  const [unit, size] = units.find(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}

/** How long something took, in its two largest units: `1 h 5 min`. */
export function showElapsed(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.round(ms / 1000)
  const parts: readonly (readonly [amount: number, unit: string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  const told = parts.slice(first, first + 2).filter(([amount]) => amount > 0)
  return told.map(([amount, unit]) => `${amount} ${unit}`).join(' ')
}
