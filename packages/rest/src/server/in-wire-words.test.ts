import { VirtkitError, invalidInput } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { inWireWords } from './in-wire-words.ts'

const names = { port: 'mailport', 'levels.core': 'loglevelcore', ignored: 'ignorefilter' }

it('fields that core refuses have the names of the wire', async () => {
  const fields = ['port', 'levels.core', 'ignored[2]', 'ports', 'constructor']
  const refused = invalidInput(
    fields.map((field) => ({ field, problem: 'is wrong' })),
    'Do better.',
  )
  await expect(inWireWords(names, () => Promise.reject(refused))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    hint: 'Do better.',
    details: {
      problems: ['mailport', 'loglevelcore', 'ignorefilter[2]', 'ports', 'constructor'].map((field) => ({ field })),
    },
  })
})

it('everything else passes as it is', async () => {
  const other = new VirtkitError('UNSUPPORTED', 'No.', { details: { feature: 'f' } })
  await expect(inWireWords(names, () => Promise.reject(other))).rejects.toBe(other)
  expect(await inWireWords(names, async () => 7)).toBe(7)
})
