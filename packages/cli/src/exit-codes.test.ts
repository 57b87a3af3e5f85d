import { VirtkitError, invalidInput, notFound, toVirtkitError } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { exitCodeOf, exitCodes, exitCodesText } from './exit-codes.ts'
import { CommandError } from './output/command-error.ts'

it('how a command failed is told by its exit code', () => {
  const lost = { details: {}, outcome: 'unknown' } as const
  expect([
    exitCodeOf(notFound('cluster', 1)),
    exitCodeOf(new VirtkitError('UNAUTHENTICATED', 'No.', { details: {} })),
    exitCodeOf(new VirtkitError('FORBIDDEN', 'No.', { details: {} })),
    exitCodeOf(new VirtkitError('HYPERVISOR_UNAVAILABLE', 'No answer.', lost)),
    exitCodeOf(new CommandError('No answer.', { hint: 'Look.', outcome: 'unknown' })),
    exitCodeOf(new VirtkitError('HYPERVISOR_UNAVAILABLE', 'No connection.', { details: {} })),
    exitCodeOf(invalidInput([{ field: 'x', problem: 'is wrong' }])),
    exitCodeOf(toVirtkitError(new Error('ours'))),
    exitCodeOf(new Error('ours')),
  ]).toEqual([4, 5, 5, 6, 6, 1, 1, 1, 1])
})

it('the help tells each of them', () => {
  for (const code of Object.values(exitCodes)) expect(exitCodesText).toMatch(new RegExp(`^ {2}${code} {2,}\\S`, 'm'))
})
