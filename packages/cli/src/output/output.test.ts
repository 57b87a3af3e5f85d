import { VirtkitError } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { fakeHost } from '../../test/run-command.ts'
import { createOutput } from './output.ts'

const error = new VirtkitError('NOT_FOUND', 'There is no x.', {
  details: { what: 'x', id: '1' },
  cause: new Error('secret'),
})

it('a terminal has colours and bars; NO_COLOR and a dumb one take them away', () => {
  const colourful = createOutput(fakeHost({ columns: 100 }), {})
  expect([colourful.isLive, colourful.columns, colourful.paint('red', 'x')]).toEqual([true, 100, '\u001B[31mx\u001B[39m'])
  const plain = createOutput(fakeHost({ columns: 100, env: { NO_COLOR: '1' } }), {})
  expect([plain.isLive, plain.paint('red', 'x')]).toEqual([true, 'x'])
  expect(createOutput(fakeHost({ columns: 100, env: { TERM: 'dumb' } }), {}).isLive).toBe(false)
})

it('a pipe has neither, and no edge to cut at', () => {
  const output = createOutput(fakeHost(), {})
  expect([output.isLive, output.columns, output.paint('red', 'x')]).toEqual([false, Number.POSITIVE_INFINITY, 'x'])
})

it('errors go to stderr in words, and with --json to stdout as a line', () => {
  const words = fakeHost()
  createOutput(words, {}).error(error)
  expect([words.printed, words.complained]).toEqual(['', 'NOT_FOUND: There is no x.\n'])
  const json = fakeHost()
  createOutput(json, { json: true }).error(error)
  expect(json.complained).toBe('')
  expect(JSON.parse(json.printed)).toEqual({ event: 'error', error: JSON.parse(JSON.stringify(error)) as unknown })
  expect(json.printed).not.toContain('secret')
})
