import { type DatabaseLocation, eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it } from 'vitest'
import type { Check } from '../finding.ts'
import { type SoakOptions, type SoakReport, runSoak } from '../run-soak.ts'
import { copyCore } from './core-copy.ts'
import { dropAddressConstraints, dropMacConstraint } from './dropped-constraints.ts'
import { runFencingSchedule } from './fencing-schedule.ts'

// A soak that finds nothing says something only if it finds what is there. Each of these takes one guard away, and it must be found.

/** Short and without kills: what is turned here shows at once. */
function soak(database: DatabaseLocation, more: Partial<SoakOptions>): Promise<SoakReport> {
  const short = { seed: 11, moves: 500, processes: 3, clients: 12, disturbMs: [1e9, 1e9], limitMs: 60_000 } as const
  return runSoak({ database, ...short, ...more })
}

const found = (report: SoakReport, check: Check): string[] =>
  report.problems.filter((problem) => problem.check === check).map(({ text }) => text)

eachDatabase((db) => {
  describe('addresses from an allocator that trusts its memory', () => {
    it('are given twice when the database does not mind, and the soak finds it', async () => {
      const report = await soak(await db.options(), {
        mutation: { naiveAddresses: true },
        spoil: dropAddressConstraints,
      })
      expect(found(report, 'duplicate address')).not.toEqual([])
    })

    it('are never given twice while the unique constraints stand: its mistakes are errors', async () => {
      const report = await soak(await db.options(), { mutation: { naiveAddresses: true } })
      expect(found(report, 'duplicate address')).toEqual([])
      expect(found(report, 'unexpected error')).not.toEqual([])
    })
  })

  describe('MACs from a source of few', () => {
    /** Takes what it draws, without asking the index. */
    const asksNobody = {
      file: 'machines/sql-machine-networks.ts',
      from: /\s*\.onConflict\(\(conflict\) => conflict\.columns\(\['clusterKey', 'mac'\]\)\.doNothing\(\)\)/,
      to: '',
    }

    it('are given twice when neither code nor database minds, and the soak finds it', async () => {
      using core = copyCore([asksNobody])
      const report = await soak(await db.options(), { core, mutation: { macs: 40 }, spoil: dropMacConstraint })
      expect(found(report, 'duplicate MAC')).not.toEqual([])
    })

    it('are never given twice while the unique constraint stands', async () => {
      using core = copyCore([asksNobody])
      const report = await soak(await db.options(), { core, mutation: { macs: 40 } })
      expect(found(report, 'duplicate MAC')).toEqual([])
    })
  })

  describe('a refusal of a contingent', () => {
    it('that counts reservations whose time is over is found to be false', async () => {
      using core = copyCore([
        {
          file: 'contingents/contingent-ledger.ts',
          from: /const swept = await this\.#sweepGroup\(queries, groupKey, true, keep\)/,
          to: 'const swept = keep === "never" ? 1 : 0',
        },
      ])
      const report = await soak(await db.options(), { moves: 1200, core })
      expect(found(report, 'false refusal')).not.toEqual([])
    })

    it('of the last that there is room for is found to be false', async () => {
      using core = copyCore([
        {
          file: 'contingents/contingent-rows.ts',
          from: /return row\(row\(taken, '\+', amount\[dimension\]\), '<=',/,
          to: "return row(row(taken, '+', amount[dimension]), '<',",
        },
      ])
      const report = await soak(await db.options(), { core })
      expect(found(report, 'false refusal')).not.toEqual([])
    })
  })

  describe('a worker that comes back after another has taken over', () => {
    /** Does not mind that it has lost its lease: else it would fall silent before it writes anything. */
    const hearsNothing = { file: 'operations/operation-hold.ts', from: /this\.#lost\.abort\(\)/, to: '' }

    it('changes nothing any more', async () => {
      expect(await runFencingSchedule(await db.options())).toEqual([])
    })

    it('changes nothing when it has not heard of it either: the fencing check alone holds it', async () => {
      using core = copyCore([hearsNothing])
      expect(await runFencingSchedule(await db.options(), core)).toEqual([])
    })

    it('spoils what the other has done when the fencing check is taken out, and the audit finds it', async () => {
      const unfenced = {
        file: 'operations/operation-store.ts',
        from: /(: change\)\s*\.where\('id', '=', claim\.id\))\s*\.where\('fence', '=', claim\.fence\)\s*\.where\('leaseOwner', '=', claim\.leaseOwner\)/,
        to: '$1',
      }
      using core = copyCore([hearsNothing, unfenced])
      const problems = await runFencingSchedule(await db.options(), core)
      expect(problems.map(({ check }) => check)).toContain('operation')
    })
  })
})
