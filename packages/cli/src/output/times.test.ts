import { expect, it } from 'vitest'
import { showDuration, showElapsed, showTime } from './times.ts'

it('times are said to the second, in UTC, and none is none', () => {
  expect(showTime(1_790_000_000_123e6)).toBe('2026-09-21 14:13:20')
  expect([showTime(0), showTime(undefined)]).toEqual(['', ''])
})

it('durations are said in the largest unit that is exact', () => {
  expect([2400e9, 604_800e9, 90e9, 5e6, 7200e9].map(showDuration)).toEqual(['40m', '7d', '90s', '5ms', '2h'])
})

it('how long something took is said in two units at most', () => {
  expect([0, 870, 1000, 61_400, 3_600_000, 5_400_000, 90_061_000].map(showElapsed)).toEqual([
    '0 ms',
    '870 ms',
    '1 s',
    '1 min 1 s',
    '1 h',
    '1 h 30 min',
    '1 d 1 h',
  ])
})
