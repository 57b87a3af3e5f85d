import type { Hypervisor } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it } from 'vitest'
import { openSnapshotLab } from '../../test/snapshot-lab.ts'
import type { UserActor } from '../access/actor.ts'

const call = { signal: new AbortController().signal }
const outside = { name: 'by hand', description: '', memory: false, quiesce: false }
const actor = (permissions: string[], groups: number[]): { actor: UserActor } => ({
  actor: { kind: 'user', user: 1, name: 'ann', permissions: new Set(permissions), groups },
})
const failure = (code: string, more: object = {}): unknown => expect.objectContaining({ code, ...more })

eachDatabase((db) => {
  describe('snapshots', () => {
    it('a snapshot is taken as asked, has a number and is told of', async () => {
      const { snapshots, machine, told } = await openSnapshotLab(await db.options(), { power: 'on' })
      const first = await snapshots.create(machine, {
        name: 'größe 🗻',
        description: 'one\ntwo',
        memory: true,
        quiesce: true,
      })
      expect(first).toMatchObject({ key: 1, name: 'größe 🗻', description: 'one\ntwo', memory: true, current: true })
      const second = await snapshots.create(machine, { name: 'größe 🗻' })
      expect(second).toMatchObject({ key: 2, parent: 1, memory: false, description: '' })
      expect(await snapshots.list(machine)).toEqual([{ ...first, current: false }, second])
      expect(await snapshots.get(machine, 2)).toEqual(second)
      expect(await told('snapshot.created')).toEqual([
        { key: 1, id: first.id, name: 'größe 🗻', memory: true, quiesce: 'fell-back' },
        { key: 2, id: second.id, name: 'größe 🗻', memory: false, quiesce: 'not-asked' },
      ])
    })

    it('a number is never used again, and snapshots made by others have theirs from when they are first seen', async () => {
      const { snapshots, machine, session, owned } = await openSnapshotLab(await db.options())
      await session.snapshots!.create(owned, outside, call)
      await session.snapshots!.create(owned, outside, call)
      const lists = await Promise.all([1, 2, 3, 4].map(() => snapshots.list(machine)))
      for (const list of lists)
        expect(list.map(({ key, parent }) => [key, parent])).toEqual([
          [1, undefined],
          [2, 1],
        ])
      await snapshots.remove(machine, 2)
      expect(await snapshots.create(machine, { name: 'next' })).toMatchObject({ key: 3, parent: 1 })
    })

    it('a rename changes what is given and nothing else', async () => {
      const { snapshots, machine, told } = await openSnapshotLab(await db.options())
      const { key, id } = await snapshots.create(machine, { name: 'old', description: 'text' })
      expect(await snapshots.rename(machine, key, { name: 'new' })).toMatchObject({
        key,
        id,
        name: 'new',
        description: 'text',
      })
      expect(await snapshots.rename(machine, key, { description: '' })).toMatchObject({ name: 'new', description: '' })
      expect(await told('snapshot.renamed')).toEqual([
        { key, id, name: 'new' },
        { key, id, description: '' },
      ])
    })

    it('removing one moves its children up; removing a branch takes them along', async () => {
      const { snapshots, machine, told } = await openSnapshotLab(await db.options())
      for (const name of ['a', 'b', 'c', 'd']) await snapshots.create(machine, { name })
      await snapshots.remove(machine, 2)
      expect((await snapshots.list(machine)).map(({ key, parent }) => [key, parent])).toEqual([
        [1, undefined],
        [3, 1],
        [4, 3],
      ])
      await snapshots.remove(machine, 3, { children: true })
      expect(await snapshots.list(machine)).toMatchObject([{ key: 1, current: true }])
      expect(await told('snapshot.removed')).toMatchObject([
        { key: 2, removed: [2] },
        { key: 3, removed: [3, 4] },
      ])
    })

    it('what is not there is not found, by the number that was asked for', async () => {
      const { snapshots, machine, told } = await openSnapshotLab(await db.options())
      await snapshots.create(machine, { name: 'a' })
      await snapshots.remove(machine, 1)
      const gone = failure('NOT_FOUND', { details: { what: 'snapshot', id: '1' } })
      await expect(snapshots.get(machine, 1)).rejects.toEqual(gone)
      await expect(snapshots.rename(machine, 1, { name: 'b' })).rejects.toEqual(gone)
      await expect(snapshots.revert(machine, 1)).rejects.toEqual(gone)
      await expect(snapshots.remove(machine, 1)).rejects.toEqual(gone)
      await expect(snapshots.updateHardware(machine, [1])).rejects.toEqual(gone)
      await expect(snapshots.revert(machine, 9)).rejects.toEqual(
        failure('NOT_FOUND', { details: { what: 'snapshot', id: '9' } }),
      )
      await expect(snapshots.list(machine + 1)).rejects.toEqual(failure('NOT_FOUND'))
      await expect(snapshots.list(0.5)).rejects.toEqual(failure('NOT_FOUND'))
      expect(await told('snapshot.removed')).toHaveLength(1)
    })

    it('a repeated key answers what the first call did', async () => {
      const { snapshots, machine } = await openSnapshotLab(await db.options())
      const first = await snapshots.create(machine, { name: 'a' }, { key: 'one' })
      await snapshots.create(machine, { name: 'b' })
      expect(await snapshots.create(machine, { name: 'a' }, { key: 'one' })).toEqual({ ...first, current: false })
      await snapshots.remove(machine, 2, {}, { key: 'two' })
      await snapshots.remove(machine, 2, {}, { key: 'two' })
      expect(await snapshots.list(machine)).toHaveLength(1)
      await expect(snapshots.create(machine, { name: 'c' }, { key: 'one' })).rejects.toEqual(failure('CONFLICT'))
    })

    it('a machine that may not be seen is not found, and permissions are asked for', async () => {
      const { snapshots, machine, group } = await openSnapshotLab(await db.options())
      const stranger = actor(['snapshots:read', 'snapshots:write'], [group + 1])
      await expect(snapshots.list(machine, stranger)).rejects.toEqual(failure('NOT_FOUND'))
      await expect(snapshots.create(machine, { name: 'a' }, stranger)).rejects.toEqual(failure('NOT_FOUND'))
      const viewer = actor(['snapshots:read'], [group])
      expect(await snapshots.list(machine, viewer)).toEqual([])
      const forbidden = failure('FORBIDDEN', { details: { permission: 'snapshots:write' } })
      await expect(snapshots.create(machine, { name: 'a' }, viewer)).rejects.toEqual(forbidden)
      await expect(snapshots.list(machine, actor([], [group]))).rejects.toEqual(failure('FORBIDDEN'))
      const writer = actor(['snapshots:write', 'snapshots:read'], [group])
      expect(await snapshots.create(machine, { name: 'a' }, writer)).toMatchObject({ key: 1 })
    })

    it('a machine on paper has none', async () => {
      const { snapshots, add } = await openSnapshotLab(await db.options())
      const planned = await add({ name: 'paper', ref: null, mark: 'other', state: 'planned' })
      await expect(snapshots.create(planned, { name: 'a' })).rejects.toEqual(failure('CONFLICT'))
    })

    it('a hypervisor without snapshots says so', async () => {
      const { snapshots, machine, operations } = await openSnapshotLab(await db.options(), { snapshots: () => undefined })
      const unsupported = failure('UNSUPPORTED', { details: { feature: 'snapshots' } })
      await expect(snapshots.list(machine)).rejects.toEqual(unsupported)
      await expect(snapshots.create(machine, { name: 'a' })).rejects.toEqual(unsupported)
      await expect(snapshots.revert(machine, 1)).rejects.toEqual(unsupported)
      await expect(snapshots.remove(machine, 1)).rejects.toEqual(unsupported)
      expect(await operations.list()).toEqual([])
    })

    it('what the hypervisor does not claim is refused before anything is accepted', async () => {
      const supports = { memory: false, quiesce: false, rename: false, updateHardware: false }
      const snapshotsOf = (real: Hypervisor['snapshots']): Hypervisor['snapshots'] => real && { ...real, supports }
      const { snapshots, machine, operations } = await openSnapshotLab(await db.options(), { snapshots: snapshotsOf })
      await snapshots.create(machine, { name: 'a', memory: false })
      const refused = [
        ['memory', () => snapshots.create(machine, { name: 'b', memory: true })],
        ['quiesce', () => snapshots.create(machine, { name: 'b', quiesce: true })],
        ['rename', () => snapshots.rename(machine, 1, { name: 'b' })],
        ['updateHardware', () => snapshots.updateHardware(machine, [1])],
      ] as const
      for (const [degree, ask] of refused) {
        await expect(ask()).rejects.toEqual(failure('UNSUPPORTED', { details: { feature: `snapshots.${degree}` } }))
      }
      expect(await operations.list()).toHaveLength(1)
    })
  })
})
