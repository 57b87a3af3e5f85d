import { expect, it } from 'vitest'
import { ascendingIds } from './ascending-ids.ts'

it('each is greater than the one before, within a millisecond, beyond what that has room for, and when the clock goes back', () => {
  let now = 1_000
  const next = ascendingIds(() => now)
  const ids = Array.from({ length: 5_000 }, next)
  now = 500
  ids.push(next())
  now = 2_000
  ids.push(next())
  expect(ids).toEqual(ids.toSorted())
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toEqual([])
})
