import { expect, test } from 'vitest'
import { parseByteRange } from './byte-range.ts'

test.each<[string | undefined, ReturnType<typeof parseByteRange>]>([
  [undefined, undefined],
  ['bytes=0-99', { start: 0, end: 100 }],
  ['bytes=10-', { start: 10, end: 100 }],
  ['bytes=10-10', { start: 10, end: 11 }],
  ['bytes=10-5000', { start: 10, end: 100 }],
  ['bytes=-10', { start: 90, end: 100 }],
  ['bytes=-5000', { start: 0, end: 100 }],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=20-10', undefined],
  ['bytes=0-1,5-6', undefined],
  ['bytes=-', undefined],
  ['lines=0-1', undefined],
])('of 100 bytes, %j asks for %j', (header, range) => {
  expect(parseByteRange(header, 100)).toEqual(range)
})

test('of an empty file no range is there', () => {
  expect(parseByteRange('bytes=0-', 0)).toBe('unsatisfiable')
  expect(parseByteRange('bytes=-1', 0)).toBe('unsatisfiable')
})
