import { expect, it } from 'vitest'
import { runFleet } from './fleet.ts'

it('processes and a thief take machine ids at the same time: no duplicate, no wrong adoption', async () => {
  const result = await runFleet(4, 15, 4)
  expect(result).toMatchObject({ asked: 60, marked: 60, duplicates: [], wrong: [], harmed: 0 })
  expect(result.stolen).toBeGreaterThan(5)
  expect(result.idCallsPerMachine).toBeLessThanOrEqual(1.2)
}, 60_000)
