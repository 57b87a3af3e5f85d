import { describeDriver } from '@virtkit/spi/conformance'
import { startVcsim } from '@virtkit/test-vcsim'
import { afterAll, describe, it } from 'vitest'
import { vcsimTarget } from '../test/vcsim-target.ts'
import { native } from './index.ts'

for (const transport of [native()]) {
  for (const model of ['vcenter', 'esxi'] as const) {
    const vcsim = await startVcsim({ model, datastores: 2, machines: 1, pageLimit: 5 })
    const { target, stop } = vcsimTarget(vcsim, transport)
    describe(`${model} over ${transport.name}`, () => {
      afterAll(async () => {
        stop()
        await vcsim.close()
      })
      describeDriver({ describe, it }, target)
    })
  }
}
