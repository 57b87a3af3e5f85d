import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'
import type { Lab } from '../lab.ts'
import { SnapshotSteps } from './snapshot-steps.ts'

const treePromise = 'snapshots.list: the tree and `current` are true after every create, revert and remove'

export const snapshotTreeCases: readonly DriverCase[] = [
  treeCase('snapshots.none', 'a machine without snapshots has an empty tree', async (steps) => {
    const { current, snapshots } = await steps.tree()
    assert.equal(current, undefined)
    assert.deepEqual(snapshots, [])
  }),
  treeCase('snapshots.take', 'a snapshot becomes current, and is listed as it was asked for', async (steps) => {
    const id = await steps.take('one', { description: 'before the update' })
    const info = await steps.info(id)
    assert.equal(info.name, 'one')
    assert.equal(info.description, 'before the update')
    assert.equal(info.parent, undefined)
    assert.equal(info.memory, false)
    assert.ok(Number.isSafeInteger(info.createdAt) && info.createdAt >= 0, `createdAt is ${info.createdAt}`)
    assert.equal((await steps.tree()).current, id)
  }),
  treeCase('snapshots.chain', 'each snapshot is the child of the one before', async (steps) => {
    const first = await steps.take('one')
    await steps.take('two')
    const third = await steps.take('three')
    await steps.assertTree({ one: undefined, two: 'one', three: 'two' }, 'three')
    assert.ok(
      (await steps.info(third)).createdAt >= (await steps.info(first)).createdAt,
      'the third is older than the first',
    )
  }),
  treeCase('snapshots.revert', 'reverting makes the snapshot current and keeps the tree', async (steps) => {
    const one = await steps.take('one')
    await steps.take('two')
    await steps.revert(one)
    await steps.assertTree({ one: undefined, two: 'one' }, 'one')
    await steps.revert(one)
    await steps.assertTree({ one: undefined, two: 'one' }, 'one')
  }),
  treeCase('snapshots.branch', 'a snapshot taken after reverting begins a branch', async (steps) => {
    const one = await steps.take('one')
    const two = await steps.take('two')
    await steps.revert(one)
    await steps.take('three')
    await steps.assertTree({ one: undefined, two: 'one', three: 'one' }, 'three')
    await steps.revert(two)
    await steps.take('four')
    await steps.assertTree({ one: undefined, two: 'one', three: 'one', four: 'two' }, 'four')
  }),
  treeCase('snapshots.remove-current', 'removing the current leaf makes its parent current', async (steps) => {
    await steps.take('one')
    await steps.remove(await steps.take('two'))
    await steps.assertTree({ one: undefined }, 'one')
  }),
  treeCase('snapshots.remove-middle', 'the children of a removed snapshot move up to its parent', async (steps) => {
    await steps.take('one')
    const two = await steps.take('two')
    await steps.take('three')
    await steps.revert(two)
    await steps.take('four')
    await steps.remove(two)
    await steps.assertTree({ one: undefined, three: 'one', four: 'one' }, 'four')
  }),
  treeCase('snapshots.remove-root', 'the children of a removed root become roots', async (steps) => {
    const one = await steps.take('one')
    await steps.take('two')
    await steps.revert(one)
    await steps.take('three')
    await steps.remove(one)
    await steps.assertTree({ two: undefined, three: undefined }, 'three')
  }),
  treeCase('snapshots.remove-branch', 'removing with children removes the whole branch and no other', async (steps) => {
    const one = await steps.take('one')
    const two = await steps.take('two')
    await steps.take('three')
    await steps.take('four')
    await steps.revert(one)
    await steps.take('five')
    await steps.remove(two, { children: true })
    await steps.assertTree({ one: undefined, five: 'one' }, 'five')
  }),
  treeCase('snapshots.remove-current-branch', 'removing the branch one is in makes its parent current', async (steps) => {
    await steps.take('one')
    const two = await steps.take('two')
    await steps.take('three')
    await steps.remove(two, { children: true })
    await steps.assertTree({ one: undefined }, 'one')
  }),
  treeCase('snapshots.remove-last', 'removing the last snapshot leaves none current', async (steps) => {
    await steps.remove(await steps.take('one'))
    await steps.assertTree({}, undefined)
  }),
  treeCase('snapshots.remove-again', 'removing a snapshot that is gone is fine', async (steps) => {
    await steps.take('one')
    const two = await steps.take('two')
    await steps.remove(two)
    await steps.remove(two)
    await steps.remove(two, { children: true })
    await steps.assertTree({ one: undefined }, 'one')
  }),
  treeCase(
    'snapshots.running',
    'a running machine can be snapshot without memory and goes on running',
    async (steps, lab) => {
      await lab.hypervisor.power.on(steps.machine, lab.call())
      const id = await steps.take('live')
      assert.equal((await steps.info(id)).memory, false)
      assert.equal((await lab.look(steps.machine)).power, 'on')
    },
  ),
  treeCase('snapshots.other-session', 'another session sees the same tree, by the same ids', async (steps, lab) => {
    await steps.take('one')
    await steps.take('two')
    const other = await lab.connect()
    assert.deepEqual(await other.snapshots?.list(steps.machine.ref, lab.call()), await steps.tree())
    await lab.hypervisor.power.on(steps.machine, lab.call())
    assert.deepEqual(await other.snapshots?.list(steps.machine.ref, lab.call()), await steps.tree())
  }),
  treeCase('snapshots.neighbour', 'the snapshots of one machine are not another machine’s', async (steps, lab) => {
    const neighbour = new SnapshotSteps(lab, await lab.create())
    await neighbour.take('theirs')
    await steps.take('ours')
    await steps.assertTree({ ours: undefined }, 'ours')
    await neighbour.assertTree({ theirs: undefined }, 'theirs')
  }),
  {
    id: 'snapshots.unknown',
    name: 'snapshots of a machine that is gone, and reverting to one that is gone, are NOT_FOUND',
    needs: ['snapshots'],
    promise: 'snapshots.list, snapshots.revert: throw NOT_FOUND',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const gone = await steps.take('one')
      await steps.remove(gone)
      await lab.rejects('NOT_FOUND', steps.revert(gone))
      await lab.hypervisor.machines.destroy(steps.machine, lab.call())
      await lab.rejects('NOT_FOUND', steps.tree())
      await lab.rejects('NOT_FOUND', steps.take('two'))
    },
  },
  {
    id: 'snapshots.lost-answer',
    name: 'a snapshot whose answer was lost says so, and is in the tree once',
    needs: ['snapshots', 'hook loseNextAnswer'],
    promise: 'snapshots.create: outcome true to the facts',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      await lab.target.loseNextAnswer?.('snapshots.create')
      const [taken] = await Promise.allSettled([steps.take('one')])
      if (taken.status === 'rejected') {
        assert.equal((await lab.fails(Promise.reject(taken.reason))).outcome, 'unknown')
      }
      await steps.assertTree({ one: undefined }, 'one')
      assert.equal((await steps.tree()).snapshots.length, 1)
    },
  },
]

function treeCase(id: string, name: string, run: (steps: SnapshotSteps, lab: Lab) => Promise<void>): DriverCase {
  return {
    id,
    name,
    needs: ['snapshots'],
    promise: treePromise,
    run: async (lab) => run(new SnapshotSteps(lab, await lab.create()), lab),
  }
}
