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
