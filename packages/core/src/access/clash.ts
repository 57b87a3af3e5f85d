import { VirtkitError } from '@virtkit/spi'
import { isForeignKeyViolation, isUniqueViolation } from '../database/database-errors.ts'

export function conflict(
  message: string,
  details: { field?: string; with?: string },
  cause?: unknown,
): VirtkitError<'CONFLICT'> {
  return new VirtkitError('CONFLICT', message, { details, ...(cause === undefined ? {} : { cause }) })
}

/** The refusal of a name that is taken. */
export function nameTaken(what: string, name: string, field = 'name', cause?: unknown): VirtkitError<'CONFLICT'> {
  return conflict(`There is a ${what} named ${JSON.stringify(name)} already.`, { field, with: name }, cause)
}

/**
 * Turns the database's refusal into the room's own, for what another transaction did between our look and our write. Wrap the
 * whole transaction: on PostgreSQL nothing can be done inside of one after a refusal.
 */
export async function explainClash<T>(
  work: Promise<T>,
  explain: { unique?: (cause: unknown) => VirtkitError; reference?: (cause: unknown) => VirtkitError },
): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (explain.unique && isUniqueViolation(error)) throw explain.unique(error)
    if (explain.reference && isForeignKeyViolation(error)) throw explain.reference(error)
    throw error
  }
}
