import { isVirtkitError } from '@virtkit/spi'
import { CommandError } from './output/command-error.ts'

/** How the process ends; part of what the command promises. */
export const exitCodes: {
  readonly ok: 0
  readonly failed: 1
  readonly usage: 2
  readonly drift: 3
  readonly notFound: 4
  readonly refused: 5
  readonly unsure: 6
  readonly interrupted: 130
} = {
  ok: 0,
  failed: 1,
  usage: 2,
  drift: 3,
  notFound: 4,
  refused: 5,
  unsure: 6,
  interrupted: 130,
}

export const exitCodesText = `
Exit codes:
  0    done; with --no-wait, accepted
  1    it failed; what went wrong is on stderr, or with --json the last line
  2    the command line is wrong
  3    a check found something: books that do not agree, privileges or programs that are missing
  4    what was named is not there
  5    nobody is logged in, or it is not allowed
  6    it failed, and may have happened all the same: look before you do it again
  130  interrupted, and closed properly`

/** How a command ends that failed with this. */
export function exitCodeOf(error: unknown): number {
  if (isVirtkitError(error, 'NOT_FOUND')) return exitCodes.notFound
  if (isVirtkitError(error, 'UNAUTHENTICATED') || isVirtkitError(error, 'FORBIDDEN')) return exitCodes.refused
  const isKnown = error instanceof CommandError || (isVirtkitError(error) && error.code !== 'INTERNAL')
  return isKnown && error.outcome === 'unknown' ? exitCodes.unsure : exitCodes.failed
}
