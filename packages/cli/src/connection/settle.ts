import { setTimeout as sleep } from 'node:timers/promises'
import { VirtkitError, toVirtkitError } from '@virtkit/spi'
import { Meter } from '../output/meter.ts'
import type { Operation } from './find.ts'
import type { Session } from './session.ts'

/** Handed along with a change that may take long: it answers at once, and is followed from here. */
export const atOnce: { readonly headers: Readonly<Record<string, string>> } = { headers: { prefer: 'respond-async' } }

const endStates: readonly Operation['state'][] = ['succeeded', 'failed', 'cancelled']

export const hasEnded = ({ state }: Operation): boolean => endStates.includes(state)

/** What a change answers: done, or the operation that does it. */
export interface MaybeGoesOn {
  readonly statuscode?: number | undefined
  readonly operation?: string | undefined
}

/**
 * Waits until what was set going is done, and shows how far it is; with `--no-wait` says where to look. Answers whether it is done.
 * Throws what the operation failed with.
 */
export async function settle(session: Session, answer: MaybeGoesOn, name: string): Promise<boolean> {
  const { operation: id, statuscode } = answer
  if (id === undefined || statuscode !== 202) return true
  if (session.isHasty) {
    tellItGoesOn(session, id)
    return false
  }
  const meter = new Meter(session.output, name, session.say)
  try {
    const operation = await followOperation(session, id, (each) => meter.set(each.percent, wordsOf(each)))
    if (operation.state === 'succeeded') meter.set(100, 'done')
    refuseFailed(operation)
    return true
  } finally {
    meter.end()
  }
}

/** Asks until it has ended, and tells of each answer. Interrupted, it says that the operation goes on. */
export async function followOperation(
  session: Session,
  id: string,
  tell: (operation: Operation) => void | Promise<void>,
): Promise<Operation> {
  const { client, host } = session
  try {
    for (let pause = 50; ; pause = Math.min(pause * 1.5, 1000)) {
      const operation = await client.operations.get({ id })
      await tell(operation)
      if (hasEnded(operation)) return operation
      await sleep(pause, undefined, { signal: host.interrupted })
    }
  } catch (error) {
    if (host.interrupted.aborted) tellItGoesOn(session, id)
    throw error
  }
}

/** Throws why an operation has not done what it was to do. */
export function refuseFailed({ id, state, error }: Operation): void {
  const hint = `Look at what it did: virtkit operations why ${id}`
  if (state === 'cancelled') throw new VirtkitError('CANCELLED', `Operation ${id} was cancelled.`, { details: {}, hint })
  if (state !== 'failed') return
  const { code = 'INTERNAL', errors = [], outcome = 'unknown' } = error ?? {}
  // Only some details are told of an operation; the sentences say all of them.
  if (code === 'INVALID_INPUT' || code === 'CONTINGENT_EXCEEDED')
    throw new VirtkitError('CONFLICT', errors.join('; '), { details: {}, hint })
  throw toVirtkitError({ code, message: errors.join('; '), details: {}, outcome, hint })
}

/** What is done now, for people. */
export function wordsOf({ state, step, text }: Operation): string {
  if (state === 'undoing') return `undoing${text === undefined ? '' : `: ${text}`}`
  return text ?? step?.replaceAll('-', ' ') ?? state
}

function tellItGoesOn({ isLocal, say, host, output }: Session, id: string): void {
  const where = isLocal ? 'waits in the database for the next process that works on it' : 'goes on at the server'
  const text = `operation ${id} ${where}; to follow it: virtkit operations watch ${id}`
  // Who interrupts must know, however quiet.
  if (host.interrupted.aborted && output.isQuiet) host.stderr.write(`virtkit: ${text}\n`)
  else say(text)
}
