import type { Virtkit } from '@virtkit/core'
import { isVirtkitError } from '@virtkit/spi'

/**
 * Opens a kit with its boot server at the port that was asked for, else at that of the last run, because guests of that one may still ask
 * there; where another has taken that, anywhere.
 */
export async function openAtBootPort(
  { asked, last }: { readonly asked: number | undefined; readonly last: number | undefined },
  open: (port: number) => Promise<Virtkit>,
): Promise<Virtkit> {
  try {
    return await open(asked ?? last ?? 0)
  } catch (error) {
    const isTaken = isVirtkitError(error, 'CONFLICT') && error.details.field === 'listen.port'
    if (!isTaken || asked !== undefined || last === undefined) throw error
    return open(0)
  }
}

/** Where its boot server listens. */
export function bootPortOf({ bootOrigin }: Virtkit): number {
  return Number(new URL(bootOrigin ?? '').port)
}
