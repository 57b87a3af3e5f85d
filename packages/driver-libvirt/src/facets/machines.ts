import type { MachineOperations } from '@virtkit/spi'
import { conflict, notOurs } from '../errors.ts'
import { changeMachine } from '../machines/change.ts'
import { checkKey, checkSpec } from '../machines/input.ts'
import { describe, findByKey, findMachine, getMachine, getOwned, unlessGone } from '../machines/look.ts'
import { emptyDisk, makeMachine } from '../machines/make.ts'
import { destroyMachine } from '../machines/destroy.ts'
import { writeMark } from '../machines/write-mark.ts'
import { readPools, readSite } from '../machines/site.ts'
import { mediumFile } from '../storage/media-files.ts'
import type { Libvirt } from '../client/libvirt.ts'
import type { FoundMachine } from '../machines/look.ts'
import type { Session } from '../session.ts'

export function machineOperations(session: Session): MachineOperations {
  const { userNetwork } = session.options
  const tell = async (libvirt: Libvirt, found: FoundMachine) => {
    const [host, pools] = await Promise.all([libvirt.hostname(), readPools(libvirt)])
    return describe(libvirt, found, { host, pools }, userNetwork)
  }
  return {
    create: (spec, call) =>
      session.perform(call, async (libvirt, deed) => {
        checkKey(call.key)
        const there = await findByKey(libvirt, call.key)
        if (there && !there.hardware.mark.isIncomplete) return tell(libvirt, there)
        const site = await readSite(libvirt, userNetwork, true)
        const medium = spec.medium && (await mediumFile(libvirt, site.pools, spec.medium.ref))
        const noMedium = { field: 'medium.ref', problem: 'there is no such medium', hint: 'upload it first' }
        const { disks, nics } = checkSpec(site, spec, spec.medium && medium === undefined ? [noMedium] : [])
        const { name, cpus, memoryMiB, firmware, guestOs, notes } = spec
        return makeMachine(session, libvirt, deed, site, {
          key: call.key,
          accel: await session.accel(libvirt, deed),
          mark: {
            key: call.key,
            name,
            ...(guestOs !== undefined && { guestOs }),
            isTemplate: false,
            isIncomplete: true,
            disks: disks.map(({ sizeMiB, provisioning }) => ({ sizeMiB, provisioning })),
          },
          cpus,
          memoryMiB,
          firmware,
          nics,
          ...(userNetwork !== undefined && { userNetwork }),
          ...(medium !== undefined && { medium }),
          ...(notes !== undefined && { notes }),
          files: (uuid) => ({ disks: disks.map((disk, i) => emptyDisk(uuid, disk, i)) }),
        })
      }),
    find: (ref, call) =>
      session.perform(call, (libvirt) =>
        unlessGone(async () => {
          const found = await findMachine(libvirt, ref)
          return found && tell(libvirt, found)
        }),
      ),
    findByKey: (key, call) =>
      session.perform(call, (libvirt) =>
        unlessGone(async () => {
          const found = await findByKey(libvirt, key)
          return found && tell(libvirt, found)
        }),
      ),
    mark: (ref, call) =>
      session.perform(call, async (libvirt) => {
        checkKey(call.key)
        const found = await getMachine(libvirt, ref)
        const { mark } = found.hardware
        if (mark.key === call.key) return
        if (mark.key !== undefined) throw notOurs(ref)
        if (await findByKey(libvirt, call.key)) throw conflict('Another machine carries this mark.', 'key')
        await writeMark(libvirt, found, { ...mark, key: call.key })
      }),
    unmark: (owned, call) =>
      session.perform(call, async (libvirt) => {
        const found = await findMachine(libvirt, owned.ref)
        if (found?.hardware.mark.key === undefined) return
        const { key, ...mark } = found.hardware.mark
        if (key !== owned.key) throw notOurs(owned.ref)
        await unlessGone(() => writeMark(libvirt, found, mark))
      }),
    reconfigure: (owned, change, call) =>
      session.perform(call, async (libvirt, deed) => {
        const found = await getOwned(libvirt, owned)
        const site = await readSite(libvirt, userNetwork, change.diskSizesMiB !== undefined)
        await changeMachine(libvirt, deed, found, site, change, userNetwork)
        return describe(libvirt, await getMachine(libvirt, owned.ref), site, userNetwork)
      }),
    destroy: (owned, call) =>
      session.perform(call, async (libvirt) => {
        const found = await findMachine(libvirt, owned.ref)
        if (!found) return
        if (found.hardware.mark.key !== owned.key) throw notOurs(owned.ref)
        await destroyMachine(libvirt, found)
      }),
  }
}
