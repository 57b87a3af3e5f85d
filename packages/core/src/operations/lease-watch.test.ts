import { expect, it } from 'vitest'
import { LeaseWatch, looksPerLease } from './lease-watch.ts'

const lease = { id: 'a', fence: 1, beat: 7 }
const lookOften = (watch: LeaseWatch, times: number, leases = [lease]): string[] =>
  Array.from({ length: times }, () => watch.look(leases).map(({ id }) => id)).at(-1) ?? []

it('a lease whose beat stands still for as many looks as a lease lasts is dead, and not one look earlier', () => {
  const watch = new LeaseWatch()
  expect(lookOften(watch, looksPerLease)).toEqual([])
  expect(lookOften(watch, 1)).toEqual(['a'])
  expect(lookOften(watch, 1)).toEqual(['a'])
})

it('a sign of life, another claim and an absence begin anew', () => {
  for (const other of [[{ ...lease, beat: 8 }], [{ ...lease, fence: 2 }], []]) {
    const watch = new LeaseWatch()
    lookOften(watch, looksPerLease)
    lookOften(watch, 1, other)
    expect(lookOften(watch, looksPerLease)).toEqual([])
    expect(lookOften(watch, 1)).toEqual(['a'])
  }
})
