import { invalidInput } from '../errors/virtkit-error.ts'

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const
const factors: ReadonlyMap<string, number> = new Map(
  units.flatMap((unit, power) => [
    [unit, 1024 ** power],
    [unit.replace('B', ''), 1024 ** power],
    [unit.replace('B', 'IB'), 1024 ** power],
  ]),
)

export const MiB: number = 1024 ** 2
export const GiB: number = 1024 ** 3

/**
 * Reads a size into bytes. Units are binary, as in hypervisors: `GB`, `GiB` and `G` all mean 2^30.
 *
 * Throws `INVALID_INPUT` naming `field`: for text that is no size, a negative or zero size, and one that is not a whole
 * number of bytes or beyond 2^53.
 *
 * @example
 * ```ts
 * parseSize('1.5 TiB', { field: 'disc' })                  // 1649267441664
 * parseSize('512', { field: 'ram', defaultUnit: 'MB' })    // 536870912
 * ```
 */
export function parseSize(text: string | number, options: { field: string; defaultUnit?: 'MB' | 'GB' }): number {
  const match = /^\s*(\d{1,16}(?:\.\d{1,6})?)\s*([a-z]{0,3})\s*$/i.exec(String(text))
  const unit = match?.[2] ? match[2].toUpperCase() : (options.defaultUnit ?? 'B')
  const factor = factors.get(unit)
  const bytes = match && factor !== undefined ? Number(match[1]) * factor : Number.NaN
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    throw invalidInput([
      {
        field: options.field,
        problem: `${JSON.stringify(text)} is not a size`,
        hint: "write it like '512MB', '4GB' or '1.5TiB'",
      },
    ])
  }
  return bytes
}

/** Prints bytes in the largest binary unit that is exact, without a space: `'4GB'`, `'1536MB'`. */
export function formatSize(bytes: number): string {
  let power = 0
  let rest = bytes
  while (power < units.length - 1 && rest !== 0 && rest % 1024 === 0) {
    rest /= 1024
    power += 1
  }
  return `${rest}${units[power]}`
}
