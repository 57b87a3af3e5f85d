import { checkDriver, describeDriver, driverCases } from '@virtkit/spi/conformance'
import { startVcsim } from '@virtkit/test-vcsim'
import { findVcsimSources } from '@virtkit/test-vcsim/find'
import { afterAll, describe, expect, it } from 'vitest'
import type { VimTransportKind } from '../src/index.ts'
import { vcsimGaps } from './vcsim-gaps.ts'
import { vcsimTarget } from './vcsim-target.ts'

/** In CI a peer that is missing is a failure; elsewhere its tests are left out. */
export const isPeerMissing: boolean = 'missing' in findVcsimSources() && process.env['CI'] === undefined

/** The conformance cases against one model of server, over one transport; in the end every request is held against the schema. */
export async function describeVcsim(model: 'vcenter' | 'esxi', transport: VimTransportKind): Promise<void> {
  const title = `${model} over ${transport.name}`
  if (isPeerMissing) return describeMissing(title)
  const vcsim = await startVcsim({ model, datastores: 2, machines: 1, pageLimit: 5 })
  const { target, stop } = vcsimTarget(vcsim, model, transport)
  const gaps = driverCases.filter(({ id }) => id in vcsimGaps)
  describe(title, () => {
    afterAll(async () => {
      stop()
      await vcsim.close()
    })
    describeDriver(
      { describe, it },
      target,
      driverCases.filter((each) => !gaps.includes(each)),
    )
    it.each(gaps)('not on vcsim: $name', async (gap) => {
      const { results } = await checkDriver(target, { cases: [gap] })
      // A skipped one is not for this model at all.
      expect(results[0]?.status).not.toBe('passed')
    })
    it('every request fits the schema, and no session is left', async () => {
      expect(await vcsim.validateRequests()).toBeGreaterThan(1000)
      expect(await vcsim.sessions()).toBe(0)
    }, 300_000)
  })
}

/** Shows in the report what was left out. */
function describeMissing(title: string): void {
  describe.skipIf(isPeerMissing)(title, () => {
    it('needs the simulated server', () => expect(isPeerMissing).toBe(false))
  })
}
