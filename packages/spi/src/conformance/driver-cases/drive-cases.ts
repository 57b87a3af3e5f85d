import assert from 'node:assert/strict'
import type { MediaOperations } from '../../driver/media-operations.ts'
import type { DriverCase } from '../driver-case.ts'
import type { Lab } from '../lab.ts'

export const driveCases: readonly DriverCase[] = [
  {
    id: 'drive.insert',
    name: 'an inserted medium is in the drive and boots first; ejected, the disk boots first',
    needs: ['media'],
    promise: 'media.insert: puts the image into the drive and makes the firmware boot it first; media.eject: the reverse',
    async run(lab) {
      const media = mediaOf(lab)
      const medium = await lab.upload()
      const machine = await lab.create()
      const before = await lab.look(machine)
      await media.insert(machine, medium.ref, lab.call())
      assert.deepEqual(await lab.look(machine), { ...before, medium: medium.ref, bootsFrom: 'medium' })
      await media.eject(machine, lab.call())
      const after = await lab.look(machine)
      assert.equal(after.medium, undefined)
      assert.equal(after.bootsFrom, 'disk')
    },
  },
  {
    id: 'drive.insert-again',
    name: 'inserting a medium again has no effect',
    needs: ['media'],
    promise: 'media.insert: again, no effect',
    async run(lab) {
      const medium = await lab.upload()
      const machine = await lab.create({ medium: { ref: medium.ref } })
      await lab.unchanged(machine, () => mediaOf(lab).insert(machine, medium.ref, lab.call()))
    },
  },
  {
    id: 'drive.replace',
    name: 'inserting another medium replaces the first',
    needs: ['media'],
    promise: 'media.insert: puts the image into the drive',
    async run(lab) {
      const first = await lab.upload()
      const second = await lab.upload()
      const machine = await lab.create({ medium: { ref: first.ref } })
      await mediaOf(lab).insert(machine, second.ref, lab.call())
      assert.equal((await lab.look(machine)).medium, second.ref)
    },
  },
  {
    id: 'drive.eject-again',
    name: 'ejecting from an empty drive has no effect',
    needs: ['media'],
    promise: 'media.eject: again, no effect',
    async run(lab) {
      const machine = await lab.create()
      await lab.unchanged(machine, () => mediaOf(lab).eject(machine, lab.call()))
    },
  },
  {
    id: 'drive.eject-running',
    name: 'ejecting works while the machine runs, and leaves it running',
    needs: ['media'],
    promise: 'media.eject: works while the machine runs',
    async run(lab) {
      const medium = await lab.upload()
      const machine = await lab.createRunning({ medium: { ref: medium.ref } })
      await mediaOf(lab).eject(machine, lab.call())
      const info = await lab.look(machine)
      assert.equal(info.medium, undefined)
      assert.equal(info.bootsFrom, 'disk')
      assert.equal(info.power, 'on')
    },
  },
  {
    id: 'drive.unknown-medium',
    name: 'inserting a medium that is gone is refused and leaves the drive as it is',
    needs: ['media'],
    promise: 'media.insert: outcome true to the facts',
    async run(lab) {
      const medium = await lab.upload()
      await mediaOf(lab).remove(medium.ref, lab.call())
      const machine = await lab.create()
      await lab.unchanged(machine, () =>
        lab.rejects(['NOT_FOUND', 'INVALID_INPUT'], mediaOf(lab).insert(machine, medium.ref, lab.call())),
      )
    },
  },
  {
    id: 'drive.unknown-machine',
    name: 'inserting into and ejecting from a machine that is gone is NOT_FOUND',
    needs: ['media'],
    promise: 'media.insert, media.eject: outcome true to the facts',
    async run(lab) {
      const medium = await lab.upload()
      const machine = await lab.create()
      await lab.hypervisor.machines.destroy(machine, lab.call())
      await lab.rejects('NOT_FOUND', mediaOf(lab).insert(machine, medium.ref, lab.call()))
      await lab.rejects('NOT_FOUND', mediaOf(lab).eject(machine, lab.call()))
    },
  },
]

function mediaOf(lab: Lab): MediaOperations {
  return lab.hypervisor.media ?? assert.fail('the media facet is gone')
}
