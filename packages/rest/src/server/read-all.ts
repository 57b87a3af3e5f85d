import { type InputProblem, invalidInput, isVirtkitError } from '@virtkit/spi'

/**
 * Reads fields one by one and tells of all that cannot be read at once. Throws `INVALID_INPUT`; other errors at once.
 *
 * @example
 * ```ts
 * const { memoryMiB, diskMiB } = readAll({ memoryMiB: () => memoryMiBOf(body.ram), diskMiB: () => diskMiBOf(body.disc) })
 * ```
 */
export function readAll<T extends Readonly<Record<string, unknown>>>(fields: {
  readonly [Name in keyof T]: () => T[Name]
}): T {
  const problems: InputProblem[] = []
  const read = Object.entries(fields).map(([name, parse]) => {
    try {
      return [name, parse()]
    } catch (error) {
      if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
      problems.push(...error.details.problems)
      return [name, undefined]
    }
  })
  if (problems.length > 0) throw invalidInput(problems)
  return Object.fromEntries(read) as T
}
