import { getHeapSpaceStatistics } from 'node:v8'
import { readFileSync } from 'node:fs'

/** The most that this process has ever held, as Linux saw it. The figure of `getrusage` would be inherited from who started us. */
export function peakMiB(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Math.round(Number(kib) / 1024)
}

/** What V8 has taken for new objects. */
export function youngMiB(): number {
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')
  return Math.round((young?.space_size ?? 0) / 2 ** 20)
}
