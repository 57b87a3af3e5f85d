import { expect, it } from 'vitest'
import { showDuration, showTime } from './times.ts'

it('times are said to the second, in UTC, and none is none', () => {
  expect(showTime(1_790_000_000_123e6)).toBe('2026-09-21 14:13:20')
  expect([showTime(0), showTime(undefined)]).toEqual(['', ''])
})

it('durations are said in the largest unit that is exact', () => {
  expect([2400e9, 604_800e9, 90e9, 5e6, 7200e9].map(showDuration)).toEqual(['40m', '7d', '90s', '5ms', '2h'])
})
