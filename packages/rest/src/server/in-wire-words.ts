import { invalidInput, isVirtkitError } from '@virtkit/spi'

/**
 * Does what a handler asks of core, and names the fields that core refuses as this operation calls them: for words that mean
 * something else elsewhere. Names are of whole fields: `serviceLevels.core` as well as `port`.
 */
export async function inWireWords<T>(names: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isVirtkitError(error, 'INVALID_INPUT')) throw error
    const problems = error.details.problems.map((each) => ({ ...each, field: rename(names, each.field) }))
    throw invalidInput(problems, error.hint)
  }
}

/** Of `ignoredDatastores[2]` the name is what stands before the bracket. */
function rename(names: Readonly<Record<string, string>>, field: string): string {
  const [, name = field, rest = ''] = /^([^[]+)(.*)$/s.exec(field) ?? []
  return `${Object.hasOwn(names, name) ? names[name]! : name}${rest}`
}
