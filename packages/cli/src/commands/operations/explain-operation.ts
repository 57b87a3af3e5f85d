import type { Session } from '../../connection/session.ts'
import { wordsOf } from '../../connection/settle.ts'
import { printDetails, printTable } from '../../output/print.ts'
import { showElapsed, showTime } from '../../output/times.ts'

/** What an operation did and why it failed. With `--json`, the operation with its `steps`. */
export async function explainOperation({ client, output }: Session, id: string): Promise<void> {
  const [operation, steps] = await Promise.all([client.operations.get({ id }), client.operations.steps({ id })])
  if (output.isJson) return output.json({ ...operation, steps })
  const { kind, subject, state, percent, error, creationdate, enddate, trace } = operation
  printDetails(output, [
    ['operation', id],
    ['what', `${kind} of ${subject}`],
    ['state', state],
    ['now', enddate === undefined ? `${percent} %: ${wordsOf(operation)}` : ''],
    ['since', showTime(creationdate)],
    ['took', enddate === undefined ? '' : showElapsed((enddate - creationdate) / 1e6)],
    ['why', error ? `${error.code}: ${error.errors.join('; ')}` : ''],
    ['outcome', error?.outcome === 'unknown' ? 'it may have happened all the same' : ''],
    ['trace', trace],
  ])
  if (steps.length === 0 || output.isQuiet) return
  output.line()
  printTable(
    output,
    [
      { title: 'step', of: ({ name }: (typeof steps)[number]) => name.replaceAll('-', ' ') },
      { title: 'result', of: ({ result }) => result },
      { title: 'tries', align: 'right', of: ({ attempts }) => attempts },
      { title: 'took', align: 'right', of: ({ startdate, enddate: end }) => showElapsed((end - startdate) / 1e6) },
    ],
    steps,
  )
}
