import type { OsSize } from '@virtkit/spi'

/** What `osinfo.generated.ts` knows of a release. */
export interface OsinfoFacts {
  /** The id in osinfo-db. */
  readonly osinfo: string
  readonly releasedAt?: string
  readonly endOfLife?: string
  readonly minimum?: OsSize
  readonly recommended?: OsSize
  readonly cloudImage?: string
}

/** The larger of each: an installer over the network may need more than an installed system does. */
export function noLessThan(floor: OsSize, known: OsSize | undefined): OsSize {
  if (!known) return floor
  return {
    cpus: Math.max(floor.cpus, known.cpus),
    memoryMiB: Math.max(floor.memoryMiB, known.memoryMiB),
    diskMiB: Math.max(floor.diskMiB, known.diskMiB),
  }
}
