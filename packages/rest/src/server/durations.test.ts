import { describe, expect, it } from 'vitest'
import { durationToMs, timestampToMs, toNanoseconds } from './durations.ts'

const refusal = (problem: RegExp) => expect.objectContaining({ status: 400, errors: [expect.stringMatching(problem)] })

describe('durationToMs', () => {
  it.each([
    [2_400_000_000_000, 2_400_000],
    ['2400000000000', 2_400_000],
    ['40m', 2_400_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['0.25s', 250],
    ['500ms', 500],
    ['2d', 172_800_000],
    ['1500µs', 2],
    ['1500μs', 2],
    ['1499999ns', 1],
    ['0', 0],
    [0, 0],
    ['9223372036854775807', 9_223_372_036_855],
  ])('reads %j as %d ms', (given, ms) => {
    expect(durationToMs(given, 'installtimeout')).toBe(ms)
  })

  it.each(['', '40 m', 'm', '-5m', '1.5', '1e9', '40min', '0x10', '40m!', '1..5h', '٤m', -1, 1.5, Number.NaN])(
    'refuses %j, and says how it is written',
    (given) => {
      expect(() => durationToMs(given, 'installtimeout')).toThrow(refusal(/^installtimeout: cannot be read; .*40m/))
    },
  )

  it('refuses what a count of 64 bits does not hold', () => {
    for (const given of ['9223372036854775808', '999999999999d', 1e300])
      expect(() => durationToMs(given, 'installtimeout')).toThrow(refusal(/^installtimeout: is too long/))
  })
})

describe('timestampToMs', () => {
  it.each([
    ['1795694400123456789', 1_795_694_400_123],
    [1_795_694_400_123_000_000, 1_795_694_400_123],
    ['2026-11-26T12:00:00Z', 1_795_694_400_000],
    ['2026-11-26t13:00:00.1236+01:00', 1_795_694_400_124],
    ['2024-02-29 00:00:00z', 1_709_164_800_000],
    ['0', 0],
  ])('reads %j as %d', (given, ms) => {
    expect(timestampToMs(given, 'starttime')).toBe(ms)
  })

  it.each(['yesterday', '2026-11-26', '2026-11-26T12:00:00', '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '40m', ''])(
    'refuses %j',
    (given) => {
      expect(() => timestampToMs(given, 'starttime')).toThrow(refusal(/^starttime: cannot be read/))
    },
  )
})

it('every millisecond prints as its nanoseconds exactly, and is read back', () => {
  for (const ms of [0, 1, 999, 2_400_000, 1_795_694_400_123, 1_795_694_400_999, 4_102_444_799_999]) {
    const printed = JSON.stringify(toNanoseconds(ms))
    expect(printed).toBe(ms === 0 ? '0' : `${ms}000000`)
    expect(timestampToMs(printed, 'at')).toBe(ms)
    expect(timestampToMs(JSON.parse(printed), 'at')).toBe(ms)
  }
})
