import { MiB, formatSize, invalidInput, parseSize } from '@virtkit/spi'

/** A size of memory in MiB; a bare number is MB. Throws `INVALID_INPUT` naming the field, also for what is no whole MiB. */
export const memoryMiBOf = (given: string | number, field = 'ram'): number => wholeMiB(given, field, 'MB')

/** A size of disk in MiB; a bare number is GB. Throws `INVALID_INPUT` naming the field, also for what is no whole MiB. */
export const diskMiBOf = (given: string | number, field = 'disc'): number => wholeMiB(given, field, 'GB')

/** In the largest unit that is exact: `4GB`, `1536MB`; nothing of it is `0MB`. */
export const sizeOf = (mebibytes: number): string => (mebibytes === 0 ? '0MB' : formatSize(mebibytes * MiB))

/** As the other two, but nothing is a size as well: for limits. */
export const memoryLimitMiBOf = (given: string | number, field: string): number =>
  isNothing(given) ? 0 : memoryMiBOf(given, field)
export const diskLimitMiBOf = (given: string | number, field: string): number =>
  isNothing(given) ? 0 : diskMiBOf(given, field)

function wholeMiB(given: string | number, field: string, defaultUnit: 'MB' | 'GB'): number {
  const bytes = parseSize(given, { field, defaultUnit })
  if (bytes % MiB === 0) return bytes / MiB
  const hint = `${Math.ceil(bytes / MiB)}MB would be`
  throw invalidInput([{ field, problem: `${JSON.stringify(given)} is not a whole number of MB`, hint }])
}

function isNothing(given: string | number): boolean {
  return /^\s*0+(?:\.0+)?\s*(?:[kmgtp]?i?b?)\s*$/i.test(String(given))
}
