import assert from 'node:assert/strict'
import type { DriverCase } from '../driver-case.ts'
import { SnapshotSteps } from './snapshot-steps.ts'

const names = [
  'Größe “vor” dem Update – № 1',
  '更新前のスナップショット',
  'قبل التحديث',
  '👩‍🔬🇩🇪 e\u0301',
  `<a href="x">&amp;</a> 'quoted' \\back\\ %20 $HOME; rm`,
  '../../etc/passwd',
  'current',
  '𝔘'.repeat(40),
  'x'.repeat(80),
]

export const snapshotNameCases: readonly DriverCase[] = [
  {
    id: 'snapshots.unicode',
    name: 'names of any script, and of 80 characters, come back as given',
    needs: ['snapshots'],
    promise: 'snapshots.create: names and descriptions of any Unicode (80 and 400 characters at least) come back as given',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const ids: string[] = []
      for (const name of names) ids.push(await steps.take(name))
      const { snapshots } = await steps.tree()
      assert.deepEqual(
        ids.map((id) => snapshots.find((each) => each.id === id)?.name),
        names,
      )
    },
  },
  {
    id: 'snapshots.descriptions',
    name: 'descriptions of several lines, of none, and of 400 characters come back as given',
    needs: ['snapshots'],
    promise: 'snapshots.create: names and descriptions of any Unicode (80 and 400 characters at least) come back as given',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      for (const description of ['', 'first line\nsecond line: größer → “more” ✓', 'ж'.repeat(400)]) {
        const id = await steps.take('one', { description })
        assert.equal((await steps.info(id)).description, description)
      }
    },
  },
  {
    id: 'snapshots.same-name',
    name: 'two snapshots may have one name, and are told apart by their ids',
    needs: ['snapshots'],
    promise: 'snapshots.create: names need not be unique',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const first = await steps.take('twin', { description: 'first' })
      const second = await steps.take('twin', { description: 'second' })
      assert.notEqual(second, first)
      assert.equal((await steps.info(first)).description, 'first')
      await steps.remove(first)
      assert.deepEqual(
        (await steps.tree()).snapshots.map((each) => [each.id, each.description]),
        [[second, 'second']],
      )
    },
  },
  {
    id: 'snapshots.rename',
    name: 'name and description change each alone, and nothing else does',
    needs: ['snapshots', 'snapshots.rename'],
    promise: 'snapshots.rename: changes name and description',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const { machine, snapshots } = steps
      const id = await steps.take('before', { description: 'old' })
      await steps.take('child')
      const { current } = await steps.tree()
      const info = await steps.info(id)
      await snapshots.rename(machine, id, { name: 'nachher ✓' }, lab.call())
      assert.deepEqual(await steps.info(id), { ...info, name: 'nachher ✓' })
      await snapshots.rename(machine, id, { description: 'new' }, lab.call())
      assert.deepEqual(await steps.info(id), { ...info, name: 'nachher ✓', description: 'new' })
      await snapshots.rename(machine, id, { name: 'both', description: '' }, lab.call())
      assert.deepEqual(await steps.info(id), { ...info, name: 'both', description: '' })
      await steps.assertTree({ both: undefined, child: 'both' }, 'child')
      assert.equal((await steps.tree()).current, current)
    },
  },
  {
    id: 'snapshots.rename-unknown',
    name: 'renaming a snapshot that is gone is NOT_FOUND, and with another key NOT_OURS',
    needs: ['snapshots', 'snapshots.rename'],
    promise: 'snapshots.rename: throws NOT_FOUND',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const { machine, snapshots } = steps
      await steps.take('stays')
      const gone = await steps.take('goes')
      const stranger = { ref: machine.ref, key: lab.names.key() }
      await lab.rejects('NOT_OURS', snapshots.rename(stranger, gone, { name: 'stolen' }, lab.call()))
      await steps.remove(gone)
      await lab.rejects('NOT_FOUND', snapshots.rename(machine, gone, { name: 'other' }, lab.call()))
      await steps.assertTree({ stays: undefined }, 'stays')
    },
  },
  {
    id: 'snapshots.no-rename',
    name: 'where renaming is not claimed, it is refused and changes nothing',
    needs: ['snapshots', 'not snapshots.rename'],
    promise: 'snapshots.rename: throws UNSUPPORTED where `supports.rename` is false',
    async run(lab) {
      const steps = new SnapshotSteps(lab, await lab.create())
      const id = await steps.take('one')
      await lab.rejects('UNSUPPORTED', steps.snapshots.rename(steps.machine, id, { name: 'other' }, lab.call()))
      await steps.assertTree({ one: undefined }, 'one')
    },
  },
]
