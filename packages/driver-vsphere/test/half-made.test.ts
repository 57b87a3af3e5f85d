import { type Vcsim, startVcsim } from '@virtkit/test-vcsim'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { native, nodeVsphereSoap } from '../src/index.ts'
import { isPeerMissing } from './describe-vcsim.ts'
import { call, openVmware, spec } from './open-vmware.ts'

// On a server a machine is in its folder before it has a configuration, and whoever looks around just then sees it so.
describe.skipIf(isPeerMissing)('beside a machine that somebody is just making', () => {
  let vcsim: Vcsim
  beforeAll(async () => {
    vcsim = await startVcsim({ machines: 1, bareMs: 1000 })
  }, 300_000)
  afterAll(() => vcsim?.close())

  it.each([native(), nodeVsphereSoap()])('a session over $name looks up and lists the others', async (transport) => {
    await using hypervisor = await openVmware(vcsim, transport)
    const key = `test:${transport.name}-half-made`
    const made = hypervisor.machines.create(spec(`half-made-${transport.name}`), { ...call(), key })
    let over = false
    const watched = made.finally(() => (over = true))
    const lists: string[][] = []
    while (!over) {
      expect(await hypervisor.machines.findByKey('test:nobody', call())).toBeUndefined()
      const names: string[] = []
      for await (const page of hypervisor.inventory.machines({ pageSize: 100 }, call()))
        names.push(...page.map((each) => each.name))
      lists.push(names)
    }
    const { name } = await watched
    expect(lists.filter((names) => !names.includes(name)).length).toBeGreaterThan(2)
    for (const names of lists) expect(names).toContain('DC0_C0_RP0_VM0')
    expect((await hypervisor.machines.findByKey(key, call()))?.name).toBe(name)
  })
})
