import { describeEngine, type EngineTarget } from '@virtkit/queue/conformance'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineName, engineNames } from '@virtkit/test-engines/clients'
import { engineTarget } from './engine-targets.ts'
import { lacks, serverOf } from './server-urls.ts'

for (const name of engineNames) {
  const missing = lacks(name)
  if (missing === undefined) held(name)
  else
    it(`${name} keeps what a queue engine promises`, (test) => {
      test.skip(missing)
      expect(missing).toBeUndefined()
    })
}

function held(name: EngineName): void {
  describe(name, () => {
    let target: Awaited<ReturnType<typeof engineTarget>> | undefined
    beforeAll(async () => {
      target = await engineTarget(name, await serverOf(name))
    })
    afterAll(() => target?.proxy[Symbol.asyncDispose]())
    const later: EngineTarget = {
      name,
      open: () => target!.open(),
      cut: () => target!.cut(),
      mend: () => target!.mend(),
      attempts: () => target!.attempts(),
    }
    describeEngine({ describe, it }, later)
  })
}
