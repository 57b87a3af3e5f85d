import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { runSoak } from './run-soak.ts'

// The short form of `npm run soak`.

eachDatabase((db) => {
  it(
    'four processes of sixteen clients, killed now and then, leave nothing wrong behind',
    { timeout: 180_000 },
    async () => {
      const seed = Number(process.env.VIRTKIT_SOAK_SEED ?? Date.now() % 1_000_000)
      const report = await runSoak({ database: await db.options(), seed, moves: 1500, limitMs: 90_000 })
      const { problems, moves, kills, judged, facts } = report
      console.log(`soak on ${db.engine}: ${moves} moves in ${report.seconds} s, ${kills} kills, seed ${seed}`)
      expect(problems.map(({ check, text }) => `${check}: ${text}`)).toEqual([])
      expect(moves).toBeGreaterThanOrEqual(1500)
      // One that has disturbed nobody and refused nothing has proved nothing.
      expect({ kills: kills > 0, judged: judged > 0, facts: facts > 0 }).toEqual({ kills: true, judged: true, facts: true })
    },
  )
})
