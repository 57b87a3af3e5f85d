import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseSnapshot, renderSnapshot } from './snapshot-text.ts'

/** As servers keep it: line by line, without spaces at the end of one, and with a line break after the last. */
const kept = (text: string): string =>
  text
    .split('\n')
    .map((line) => `${line.replace(/\s+$/, '')}\n`)
    .join('')

it('any name and description come back through what a server makes of them', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 })
  const lines = fc.array(text, { maxLength: 3 }).map((each) => each.join('\n'))
  fc.assert(
    fc.property(text, lines, (name, description) => {
      expect(parseSnapshot(kept(renderSnapshot({ name, description })), 'vk-1')).toEqual({ name, description })
    }),
    { numRuns: 1000 },
  )
})

it('people read it, and what others wrote is taken as it is', () => {
  expect(renderSnapshot({ name: 'before', description: 'the update' })).toBe('name: before\nthe update')
  expect(parseSnapshot('by hand\n', 'monday')).toEqual({ name: 'monday', description: 'by hand' })
  expect(parseSnapshot('virtkit: {broken}', 'monday')).toEqual({ name: 'monday', description: 'virtkit: {broken}' })
})
