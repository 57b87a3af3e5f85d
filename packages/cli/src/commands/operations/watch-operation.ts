import type { Session } from '../../connection/session.ts'
import { followOperation, refuseFailed, wordsOf } from '../../connection/settle.ts'
import { Meter } from '../../output/meter.ts'
import { clean, printDone } from '../../output/print.ts'

/** Follows an operation to its end; with `--no-wait`, tells where it is. Throws why it failed. */
export async function watchOperation(session: Session, id: string): Promise<void> {
  const { client, output } = session
  const first = await client.operations.get({ id })
  if (session.isHasty) {
    const text = `${first.kind} of ${first.subject} is at ${first.percent} %: ${wordsOf(first)}`
    return printDone(output, first, { text })
  }
  const meter = new Meter(output, `${first.kind} ${first.subject}`, session.say)
  try {
    const ended = await followOperation(session, id, (each) => meter.set(each.percent, clean(wordsOf(each))))
    if (ended.state === 'succeeded') meter.set(100, 'done')
    refuseFailed(ended)
    printDone(output, ended, { text: `${ended.kind} of ${ended.subject} is done.` })
  } finally {
    meter.end()
  }
}
