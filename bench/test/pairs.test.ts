import { expect, it } from 'vitest'
import { type Row, meetsTarget } from '../src/figure.ts'
import { type Side, measurePairs } from '../src/pairs.ts'
import { renderTable } from '../src/table.ts'

it('a side and its limit take turns, after each has warmed up, and everything is put back in between', async () => {
  const told: string[] = []
  const side = (name: string): Side => ({
    burst: async () => {
      told.push(name)
      return { calls: 1, ms: 10 }
    },
    putBack: async () => void told.push('back'),
  })
  await measurePairs(side('ours'), side('limit'), { rounds: 1, sliceMs: 10 })
  const order = ['ours', 'limit', 'ours', 'limit', 'limit', 'ours']
  expect(told).toEqual(order.flatMap((name) => [name, 'back']))
})

it('a burst that did not do what it says is put back, and there is no figure', async () => {
  let putBack = 0
  const side: Side = {
    burst: async () => ({ calls: 1, ms: 10 }),
    check: async () => Promise.reject(new Error('one address twice')),
    putBack: async () => void (putBack += 1),
  }
  await expect(measurePairs(side, side, { rounds: 1, sliceMs: 10 })).rejects.toThrow('one address twice')
  expect(putBack).toBe(1)
})

it('a machine that slows down half-way changes the rates and not the ratio', async () => {
  let bursts = 0
  const side = (calls: number): Side => ({
    burst: async () => ({ calls, ms: (bursts += 1) > 8 ? 1000 : 100 }),
    putBack: async () => {},
  })
  const result = await measurePairs(side(60), side(100), { rounds: 3, sliceMs: 1 })
  expect(result.ratio).toBeCloseTo(0.6)
})

it('a target that is missed is said in the table, and what was not measured meets none', () => {
  const row: Row = { figure: 'f', engine: '-', setting: 's', value: 5, unit: 'ms', target: { atMost: 4, of: 'value' } }
  expect(renderTable([row])).toMatch(/≤ 4 ms .* NO /)
  expect(meetsTarget({ ...row, value: 4 })).toBe(true)
  expect(meetsTarget({ ...row, target: { atLeast: 0, of: 'ratio' } })).toBe(false)
  expect(meetsTarget({ ...row, value: Number.NaN })).toBe(false)
})
