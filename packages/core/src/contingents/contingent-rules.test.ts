import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  blockingDimensions,
  contingentExceeded,
  freeOf,
  negate,
  nothing,
  overdrawn,
  parseAmount,
  parseLimits,
  subtract,
} from './contingent-rules.ts'

const limits = { vm: 2, cpu: 8, memory: 4096, disk: 10_240 }
const state = { limits, used: { vm: 1, cpu: 4, memory: 2048, disk: 5120 }, reserved: { ...nothing, cpu: 2 } }

describe('whether a group may grow', () => {
  it('it may, up to its limit and not beyond', () => {
    expect(blockingDimensions(state, { vm: 1, cpu: 2, memory: 2048, disk: 5120 })).toEqual([])
    expect(blockingDimensions(state, { vm: 1, cpu: 3, memory: 2048, disk: 5120 })).toEqual([
      { dimension: 'cpu', limit: 8, used: 4, reserved: 2, asked: 3 },
    ])
  })

  it('every dimension that blocks is named', () => {
    const all = blockingDimensions(state, { vm: 2, cpu: 9, memory: 4096, disk: 9999 })
    expect(all.map(({ dimension }) => dimension)).toEqual(['vm', 'cpu', 'memory', 'disk'])
  })

  it('a dimension that is over its limit blocks its own growth only', () => {
    const over = { ...state, used: { vm: 9, cpu: 1, memory: 9999, disk: 0 } }
    expect(blockingDimensions(over, { vm: 0, cpu: 1, memory: -1, disk: 1 })).toEqual([])
    expect(blockingDimensions(over, { vm: 1, cpu: 1, memory: 0, disk: 0 }).map(({ dimension }) => dimension)).toEqual([
      'vm',
    ])
  })

  it('what is free is never below zero, and what is free fits', () => {
    expect(freeOf({ ...state, used: { vm: 9, cpu: 1, memory: 9999, disk: 0 } })).toEqual({
      vm: 0,
      cpu: 5,
      memory: 0,
      disk: 10_240,
    })
    fc.assert(
      fc.property(amounts(0), amounts(0), amounts(0), (some, used, reserved) => {
        const any = { limits: some, used, reserved }
        expect(blockingDimensions(any, freeOf(any))).toEqual([])
      }),
    )
  })

  it('giving back what was never charged is noticed', () => {
    expect(overdrawn(state.used, { vm: -1, cpu: -5, memory: 1, disk: -5121 })).toEqual(['cpu', 'disk'])
  })

  it('the refusal tells every dimension that blocks, and in words', () => {
    const error = contingentExceeded(3, blockingDimensions(state, { vm: 2, cpu: 0, memory: 4096, disk: 0 }))
    expect(error.details).toEqual({
      group: 3,
      blocking: [
        { dimension: 'vm', limit: 2, used: 1, reserved: 0, asked: 2 },
        { dimension: 'memory', limit: 4096, used: 2048, reserved: 0, asked: 4096 },
      ],
    })
    expect(error.message).toBe(
      'The contingent of group 3 has no room: vm: 2 asked, 1 used and 0 reserved of 2; memory: 4GB asked, 2GB used and 0B reserved of 4GB.',
    )
    expect(error.outcome).toBe('did-not-happen')
  })
})

describe('amounts', () => {
  it('add up and cancel out', () => {
    fc.assert(
      fc.property(amounts(-1000), amounts(-1000), (a, b) => {
        expect(subtract(add(a, b), b)).toEqual(a)
        expect(add(a, negate(a))).toEqual(nothing)
      }),
    )
  })

  it('of a limit are whole numbers from zero up, and every problem is told', () => {
    expect(parseLimits(limits)).toEqual(limits)
    expect(() => parseLimits({ vm: -1, cpu: 1.5, memory: 2 ** 60, extra: 1 })).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        details: {
          problems: ['vm', 'cpu', 'memory', 'disk', 'extra'].map((field) => ({
            field,
            problem: expect.any(String) as string,
          })),
        },
      }),
    )
  })

  it('of a charge may be negative, but not broken', () => {
    expect(parseAmount({ ...limits, vm: -2 }).vm).toBe(-2)
    expect(() => parseAmount({ ...limits, cpu: Number.NaN })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })
})

function amounts(min: number): fc.Arbitrary<{ vm: number; cpu: number; memory: number; disk: number }> {
  const each = fc.integer({ min, max: 1_000_000 })
  return fc.record({ vm: each, cpu: each, memory: each, disk: each }, { noNullPrototype: true })
}
