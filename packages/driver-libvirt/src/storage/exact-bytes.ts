import { type InputProblem, VirtkitError } from '@virtkit/spi'
import { Aborted } from '../errors.ts'

/**
 * Passes content on, but its last piece only when the content has ended and was as long as it said. So what arrives in full length
 * is whole. Throws `INVALID_INPUT` for another length or content that breaks off; ends at once when the signal aborts, also while
 * the content is waited for.
 */
export async function* exactBytes(
  content: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  signal: AbortSignal,
  onProgress: (percent: number) => void,
): AsyncGenerator<Uint8Array> {
  const pieces = content[Symbol.asyncIterator]()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Aborted()), { once: true })
  })
  aborted.catch(() => undefined)
  let held: Uint8Array = new Uint8Array()
  let taken = 0
  try {
    for (;;) {
      if (signal.aborted) throw new Aborted()
      const next = await Promise.race([read(pieces), aborted])
      if (next === undefined) break
      taken += next.length
      if (taken > sizeBytes) throw unreadable(`is longer than the ${sizeBytes} bytes that it should have`)
      if (next.length === 0) continue
      if (held.length > 0) yield held
      held = next
      onProgress(Math.floor((taken / sizeBytes) * 99))
    }
    if (taken < sizeBytes) throw unreadable(`ends after ${taken} of ${sizeBytes} bytes`)
    if (signal.aborted) throw new Aborted()
    yield held
  } finally {
    // Not waited for: content that has stalled never ends.
    void pieces.return?.().catch(() => undefined)
  }
}

async function read(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    const { done, value } = await pieces.next()
    return done ? undefined : value
  } catch (cause) {
    throw unreadable('could not be read', cause)
  }
}

function unreadable(problem: string, cause?: unknown): VirtkitError<'INVALID_INPUT'> {
  const problems: InputProblem[] = [{ field: 'content', problem }]
  return new VirtkitError('INVALID_INPUT', `content: ${problem}`, {
    details: { problems },
    ...(cause === undefined ? {} : { cause }),
  })
}
