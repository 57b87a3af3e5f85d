import type { Session } from '../../connection/session.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printDetails, printTable } from '../../output/print.ts'
import { showTime } from '../../output/times.ts'

/** Exit 3 where the record is not whole. */
export async function verifyAudit(
  { client, output }: Session,
  { number, hash }: { readonly number?: number; readonly hash?: string },
): Promise<number> {
  const report = await client.audit.verify({
    ...(number !== undefined && { number }),
    ...(hash !== undefined && { hash }),
  })
  const { intact, checked, faults } = report
  const exitCode = intact ? exitCodes.ok : exitCodes.drift
  if (output.isJson) {
    output.json(report)
    return exitCode
  }
  if (!output.isQuiet)
    printDetails(output, [
      ['entries', checked],
      ['since', showTime(report.since)],
      ['number', report.number],
      ['hash', report.hash],
    ])
  if (faults.length > 0)
    printTable(
      output,
      [
        { title: 'position', align: 'right', of: ({ position }) => position },
        { title: 'was', of: ({ kind }) => (kind === 'cut' ? 'cut off' : kind) },
      ],
      faults,
    )
  if (!output.isQuiet)
    output.line(intact ? output.paint('green', 'The record is whole.') : output.paint('red', 'The record is not whole.'))
  return exitCode
}
