import { CommandError } from '../../output/command-error.ts'
import type { Session } from '../../connection/session.ts'
import { followOperation, hasEnded } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'

/** Waits until what it did is undone. Throws where it was too late for that. */
export async function cancelOperation(session: Session, id: string): Promise<void> {
  const { client, output } = session
  const asked = await client.operations.cancel({ id })
  const ended = session.isHasty || hasEnded(asked) ? asked : await followOperation(session, id, () => {})
  const { kind, subject, state } = ended
  if (session.isHasty && !hasEnded(ended)) {
    return printDone(output, ended, { text: `${kind} of ${subject} was asked to stop.` })
  }
  if (state !== 'cancelled') {
    const hint = `Look at what it did: virtkit operations why ${id}`
    throw new CommandError(`${kind} of ${subject} could not be cancelled: it has ${state}.`, { hint })
  }
  printDone(output, ended, { text: `${kind} of ${subject} is cancelled, and what it did is undone.` })
}
