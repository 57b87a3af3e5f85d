import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'
import type { Lab, LabMachine } from '../lab.ts'

export const listingCases: readonly DriverCase[] = [
  pageCase(1, 3),
  pageCase(7, 9),
  pageCase(1000, 3),
  {
    id: 'listing.as-found',
    name: 'the list tells of a machine what find tells',
    needs: [],
    promise: 'inventory.machines: all machines, ours and others',
    async run(lab) {
      const machine = await lab.createRunning()
      const listed = (await lab.machines()).find((info) => info.ref === machine.ref)
      assert.deepEqual(listed, await lab.look(machine))
    },
  },
  {
    id: 'listing.others',
    name: 'the list has machines that are not ours',
    needs: [],
    promise: 'inventory.machines: all machines, ours and others',
    async run(lab) {
      const machine = await lab.createUnmarked()
      const listed = (await lab.machines()).find((info) => info.ref === machine.ref)
      assert.ok(listed, 'a machine without our mark is not listed')
      assert.equal(listed.key, undefined)
    },
  },
  {
    id: 'listing.while-changing',
    name: 'machines that come and go meanwhile neither hide nor double one that stays',
    needs: [],
    promise: 'inventory.machines: a machine that exists from beginning to end is delivered exactly once',
    async run(lab) {
      const machines: LabMachine[] = []
      for (let i = 0; i < 8; i += 1) machines.push(await lab.create())
      const goers = machines.filter((_, i) => i % 2 === 0)
      const stayers = machines.filter((_, i) => i % 2 === 1)
      const seen: string[] = []
      for await (const page of lab.hypervisor.inventory.machines({ pageSize: 2 }, lab.call())) {
        seen.push(...page.map((info) => info.ref))
        const goer = goers.shift()
        if (!goer) continue
        await lab.hypervisor.machines.destroy(goer, lab.call())
        await lab.create()
      }
      assertOnceEach(seen, stayers)
    },
  },
  {
    id: 'listing.leave-early',
    name: 'leaving the list early leaves nothing open and the session usable',
    needs: [],
    promise: 'inventory.machines: leaving the loop early leaves nothing open',
    async run(lab) {
      await lab.create()
      await lab.create()
      await lab.machines(1)
      const before = await lab.target.openHandles?.()
      for (let round = 0; round < 20; round += 1) {
        for await (const page of lab.hypervisor.inventory.machines({ pageSize: 1 }, lab.call())) {
          assert.equal(page.length, 1)
          break
        }
      }
      assert.equal(await lab.target.openHandles?.(), before, 'an abandoned list leaves something open')
      assert.ok((await lab.machines(1)).length >= 2)
    },
  },
  {
    id: 'listing.two-at-once',
    name: 'two lists read side by side are both complete',
    needs: [],
    promise: 'inventory.machines: complete; Hypervisor: safe for concurrent calls',
    async run(lab) {
      const machines = [await lab.create(), await lab.create(), await lab.create()]
      const lists = await Promise.all([lab.machines(1), lab.machines(2)])
      for (const list of lists) {
        assertOnceEach(
          list.map((info) => info.ref),
          machines,
        )
      }
    },
  },
  {
    id: 'listing.cancelled',
    name: 'a list whose call is aborted between two pages ends with CANCELLED',
    needs: [],
    promise: 'Call.signal: when it aborts, the call ends within a second with CANCELLED',
    async run(lab) {
      for (let i = 0; i < 3; i += 1) await lab.create()
      const abort = new AbortController()
      const pages = lab.hypervisor.inventory.machines({ pageSize: 1 }, lab.call({ signal: abort.signal }))
      const reading = pages[Symbol.asyncIterator]()
      assert.equal((await reading.next()).done, false)
      abort.abort()
      const ended = await lab.prompt('an aborted list', reading.next())
      assert.equal(ended.status, 'rejected', 'the list goes on after the abort')
      if (ended.status === 'rejected') await lab.rejects('CANCELLED', Promise.reject(ended.reason))
    },
  },
  {
    id: 'listing.long',
    name: 'a list of more than 1,000 machines is complete, in pages of the size asked for',
    needs: ['hook manyMachines'],
    slow: true,
    promise: 'inventory.machines: lists are complete, however long; holds one page in memory',
    async run(lab) {
      const count = lab.target.manyMachines ?? 0
      if (count <= 1000) throw lab.skipped('manyMachines is not more than 1,000')
      const machines: LabMachine[] = []
      while (machines.length < count) {
        const batch = Math.min(50, count - machines.length)
        machines.push(...(await Promise.all(Array.from({ length: batch }, () => lab.create({ nics: [], disks: [] })))))
      }
      assertOnceEach(await readPages(lab, 250), machines)
    },
  },
]

function pageCase(pageSize: number, count: number): DriverCase {
  return {
    id: `listing.pages-of-${pageSize}`,
    name: `a list in pages of ${pageSize} has every machine exactly once`,
    needs: [],
    promise: 'inventory.machines: a machine that exists from beginning to end is delivered exactly once',
    async run(lab) {
      const machines: LabMachine[] = []
      while (machines.length < count) machines.push(await lab.create())
      assertOnceEach(await readPages(lab, pageSize), machines)
    },
  }
}

async function readPages(lab: Lab, pageSize: number): Promise<readonly string[]> {
  const refs: string[] = []
  for await (const page of lab.hypervisor.inventory.machines({ pageSize }, lab.call())) {
    assert.ok(page.length <= pageSize, `a page of ${page.length}, where ${pageSize} were asked for`)
    refs.push(...page.map((info) => info.ref))
  }
  return refs
}

function assertOnceEach(refs: readonly string[], machines: readonly LabMachine[]): void {
  const times = new Map<string, number>()
  for (const ref of refs) times.set(ref, (times.get(ref) ?? 0) + 1)
  for (const { ref } of machines) assert.equal(times.get(ref) ?? 0, 1, `${ref} is listed ${times.get(ref) ?? 0} times`)
  assert.equal(times.size, refs.length, 'something is listed twice')
}
