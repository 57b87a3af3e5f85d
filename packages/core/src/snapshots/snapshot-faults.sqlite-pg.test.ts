import { eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it, vi } from 'vitest'
import { openProcess, openSnapshotLab } from '../../test/snapshot-lab.ts'

const call = { signal: new AbortController().signal }

eachDatabase((db) => {
  describe('snapshots when things go wrong', () => {
    it('a snapshot whose answer was lost is found again and not taken twice', async () => {
      const { snapshots, machine, simulator, told } = await openSnapshotLab(await db.options(), { power: 'on' })
      await snapshots.create(machine, { name: 'nightly' })
      simulator.faults.add({ method: 'snapshots.create', kind: 'answer-lost', times: 1 })
      const second = await snapshots.create(machine, { name: 'nightly', quiesce: true })
      expect(second).toMatchObject({ key: 2, parent: 1, current: true })
      expect(await snapshots.list(machine)).toHaveLength(2)
      expect(await told('snapshot.created')).toMatchObject([{ quiesce: 'not-asked' }, { key: 2, quiesce: 'unknown' }])
    })

    it('another process goes on where one has died, and there is one snapshot', async () => {
      const location = await db.options()
      const first = await openSnapshotLab(location)
      const { fired } = first.simulator.faults.add({ method: 'snapshots.create', kind: 'hang', done: true, times: 1 })
      const waiting = first.snapshots.create(first.machine, { name: 'a' }).catch(() => undefined)
      await fired
      await first.operations[Symbol.asyncDispose]()
      const second = await openProcess(location, first.session)
      await vi.waitFor(async () => expect(await second.operations.list({ ended: true })).toHaveLength(1), 20_000)
      await waiting
      expect(await second.operations.list()).toMatchObject([{ state: 'succeeded' }])
      expect(await second.snapshots.list(first.machine)).toMatchObject([{ key: 1, name: 'a' }])
      expect(await first.told('snapshot.created')).toHaveLength(1)
    })

    it('a snapshot that is cancelled while it is taken leaves nothing behind', async () => {
      const { snapshots, machine, operations, simulator, session, owned } = await openSnapshotLab(await db.options())
      await snapshots.create(machine, { name: 'a' })
      simulator.faults.add({ method: 'snapshots.create', kind: 'hang', done: true, times: 1 })
      const refusal = snapshots.create(machine, { name: 'a' }).catch((error: unknown) => error)
      await vi.waitFor(
        async () => expect((await session.snapshots!.list(owned.ref, call)).snapshots).toHaveLength(2),
        20_000,
      )
      const [operation] = await operations.list({ ended: false })
      await operations.cancel(operation!.id)
      expect(await refusal).toMatchObject({ code: 'CANCELLED' })
      expect(await snapshots.list(machine)).toMatchObject([{ key: 1, current: true }])
    })

    it('a snapshot that the hypervisor refuses is not there, and its refusal is told', async () => {
      const { snapshots, machine, simulator, told } = await openSnapshotLab(await db.options())
      simulator.faults.add({ method: 'snapshots.create', kind: 'refused', times: 1 })
      await expect(snapshots.create(machine, { name: 'a' })).rejects.toMatchObject({ code: 'HYPERVISOR_REFUSED' })
      expect(await snapshots.list(machine)).toEqual([])
      expect(await told('snapshot.created')).toEqual([])
      expect(await snapshots.create(machine, { name: 'a' })).toMatchObject({ key: 1 })
    })

    it.each(['snapshots.remove', 'snapshots.rename', 'snapshots.revert'])(
      '%s is carried out when its answer was lost',
      async (method) => {
        const { snapshots, machine, simulator, told } = await openSnapshotLab(await db.options())
        await snapshots.create(machine, { name: 'a' })
        simulator.faults.add({ method, kind: 'answer-lost', times: 1 })
        if (method === 'snapshots.remove') await snapshots.remove(machine, 1)
        if (method === 'snapshots.rename') await snapshots.rename(machine, 1, { name: 'b' })
        if (method === 'snapshots.revert') await snapshots.revert(machine, 1)
        const type = { 'snapshots.remove': 'removed', 'snapshots.rename': 'renamed', 'snapshots.revert': 'reverted' }[
          method
        ]
        expect(await told(`snapshot.${type}`)).toHaveLength(1)
      },
    )

    it('a machine that is busy is not given more to do', async () => {
      const { snapshots, machine, simulator } = await openSnapshotLab(await db.options())
      const { fired, id } = simulator.faults.add({ method: 'snapshots.create', kind: 'slow', ms: 200 })
      const first = snapshots.create(machine, { name: 'a' })
      await fired
      await expect(snapshots.create(machine, { name: 'b' })).rejects.toMatchObject({ code: 'CONFLICT' })
      simulator.faults.remove(id)
      expect(await first).toMatchObject({ name: 'a' })
    })
  })
})
