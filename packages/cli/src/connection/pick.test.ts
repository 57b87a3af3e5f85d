import { expect, it } from 'vitest'
import { pick } from './pick.ts'

const items = [
  { key: 1, name: 'lab' },
  { key: 2, name: 'lan' },
  { key: 3, name: 'lan' },
  { key: 4, name: '1' },
  { key: 5, name: '5' },
]
const options = { what: 'network', name: ({ name }: { name: string }) => name, list: 'virtkit networks list' }
const picked = (given: string): number => pick(items, given, options).key

it('a name or a key is enough', () => {
  expect([picked('lab'), picked('2'), picked('5')]).toEqual([1, 2, 5])
})

it('what two may be is refused with the keys of both, also a name that looks like a key of another', () => {
  expect(() => picked('lan')).toThrow(/network: lan may be 2 \(lan\) and 3 \(lan\) \(say it by its key, or rename one\)/)
  expect(() => picked('1')).toThrow(/1 may be 4 \(1\) and 1 \(lab\)/)
})

it('what is not there says where to look', () => {
  expect(() => picked('02')).toThrow(/There is no network "02"/)
  expect(() => picked('')).toThrow(
    expect.objectContaining({ code: 'NOT_FOUND', hint: 'See what there is: virtkit networks list' }),
  )
})
