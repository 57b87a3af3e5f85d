import { VirtkitError, isVirtkitError } from '@virtkit/spi'
import type { Engine } from './database.ts'

/** Codes of a connection that is not there or was ended: SQLSTATE classes 08, 25P and 57P, and what Node's sockets say. */
const unreachable = /^(08...|57P0[1-5]|25P0[345]|40003|53300|ECONN\w+|ENOTFOUND|EAI_\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH)$/
/** Of these, those that say that nothing was sent. */
const unsent = /^(08001|08004|57P03|53300|ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH)$/
/** What pg says without a code. */
const brokenConnection =
  /Connection terminated|Connection ended unexpectedly|not queryable|timeout exceeded when trying to connect|Query read timeout/
const refused = /^(28...|3D000|42501|SQLITE_CANTOPEN\w*|SQLITE_READONLY\w*|SQLITE_PERM)$/
const locked = /^(SQLITE_BUSY\w*|SQLITE_LOCKED\w*|55P03)$/
const corrupt = /^(SQLITE_CORRUPT\w*|SQLITE_NOTADB)$/

/** Turns an engine's error into ours where it tells of the database itself; anything else passes unchanged. */
export function toDatabaseError(engine: Engine, error: unknown): unknown {
  if (isVirtkitError(error)) return error
  const code = codeOf(error)
  const unavailable = (
    reason: 'locked' | 'unreachable' | 'refused' | 'corrupt' | 'closed',
    message: string,
    hint: string,
  ): VirtkitError =>
    new VirtkitError('DATABASE_UNAVAILABLE', message, {
      details: { engine, reason },
      hint,
      cause: error,
      outcome: reason === 'unreachable' && !unsent.test(code) ? 'unknown' : 'did-not-happen',
    })

  if (locked.test(code)) {
    return unavailable(
      'locked',
      'The database is locked by another process.',
      'End the process that holds it, or wait and try again.',
    )
  }
  if (unreachable.test(code) || brokenConnection.test(textOf(error))) {
    return unavailable(
      'unreachable',
      `The ${engine} database does not answer.`,
      'Check that it runs and that host and port are right.',
    )
  }
  if (refused.test(code)) {
    return unavailable(
      'refused',
      `The ${engine} database refused us (${code}).`,
      'Check that the database exists and that user, password and file permissions fit.',
    )
  }
  if (corrupt.test(code)) {
    return unavailable(
      'corrupt',
      'The file is not a database, or it is damaged.',
      'Name another file, or restore a backup.',
    )
  }
  if (/driver has already been destroyed|database connection is not open|calling end on the pool/.test(textOf(error))) {
    return unavailable('closed', 'This kit is closed.', 'Make a new one with createVirtkit.')
  }
  return error
}

/** True for a row that clashes with a unique index, on either engine. */
export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error)
  return code === '23505' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
}

/** True for a row that something else still refers to, or that refers to nothing. */
export function isForeignKeyViolation(error: unknown): boolean {
  const code = codeOf(error)
  return (
    code === '23503' || code === '23001' || code === 'SQLITE_CONSTRAINT_FOREIGNKEY' || code === 'SQLITE_CONSTRAINT_TRIGGER'
  )
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : ''
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}
