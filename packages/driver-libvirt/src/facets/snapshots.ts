import { randomUUID } from 'node:crypto'
import { type SnapshotInfo, type SnapshotOperations, VirtkitError, notFound } from '@virtkit/spi'
import { type Libvirt, type Snapshot, flags } from '../client/libvirt.ts'
import { conflict, saysNo } from '../errors.ts'
import { pullPlug } from '../machines/destroy.ts'
import { changeHardware, renderChanged } from '../machines/domain-xml.ts'
import { powerOf } from '../machines/hardware.ts'
import { type FoundMachine, getMachine, getOwned } from '../machines/look.ts'
import {
  forgetMemory,
  hardwareOfSnapshot,
  readSnapshotInfo,
  renderSnapshot,
  rewordSnapshot,
} from '../machines/snapshot-xml.ts'
import { writeMark } from '../machines/write-mark.ts'
import type { Deed, Session } from '../session.ts'

export function snapshotOperations(session: Session): SnapshotOperations {
  return {
    supports: { memory: true, quiesce: true, rename: true, updateHardware: true },
    list: (ref, call) =>
      session.perform(call, async (libvirt) => {
        const { domain } = await getMachine(libvirt, ref)
        const [all, current] = await Promise.all([libvirt.snapshots(domain), libvirt.currentSnapshot(domain)])
        const texts = await Promise.all(all.map((snapshot) => unlessRemoved(() => libvirt.snapshotXml(snapshot))))
        const snapshots = texts.flatMap((text) => (text === undefined ? [] : [readSnapshotInfo(text)]))
        return { ...(current !== undefined && { current }), snapshots: inOrder(snapshots) }
      }),
    create: (owned, request, call) =>
      session.perform(call, async (libvirt, deed) => {
        const { domain, hardware } = await getOwned(libvirt, owned)
        if (hardware.firmware === 'uefi') throw noSnapshotOfUefi()
        const isOn = powerOf(await libvirt.domainState(domain)) !== 'off'
        const id = `virtkit-${randomUUID()}`
        const isCalm = isOn && request.quiesce && (await freeze(libvirt, domain))
        let snapshot
        try {
          snapshot = await libvirt.createSnapshot(domain, renderSnapshot(id, request))
        } finally {
          if (isCalm) await deed.undo(() => libvirt.thaw(domain))
        }
        if (isOn && !request.memory) await dropMemory(libvirt, deed, snapshot)
        const quiesce = !request.quiesce ? 'not-asked' : isCalm || !isOn ? 'quiesced' : 'fell-back'
        return { id, quiesce }
      }),
    rename: (owned, id, change, call) =>
      session.perform(call, async (libvirt) => {
        const { domain } = await getOwned(libvirt, owned)
        const snapshot = await getSnapshot(libvirt, domain, id)
        await redefine(libvirt, snapshot, rewordSnapshot(await libvirt.snapshotXml(snapshot), change))
      }),
    revert: (owned, id, call) =>
      session.perform(call, async (libvirt) => {
        const { domain, hardware } = await getOwned(libvirt, owned)
        const snapshot = await getSnapshot(libvirt, domain, id)
        const today = hardwareOfSnapshot(await libvirt.snapshotXml(snapshot))
        await pullPlug(libvirt, domain)
        await libvirt.revert(snapshot)
        if (today) {
          const { xml } = await getMachine(libvirt, owned.ref)
          await libvirt.define(renderChanged(changeHardware(xml, today, session.options.userNetwork)))
        }
        // The description of then may have another name of ours, or no mark at all: it was taken before the import.
        const reverted = await getMachine(libvirt, owned.ref)
        const disks = reverted.hardware.mark.disks
        await writeMark(libvirt, reverted, { ...hardware.mark, disks })
      }),
    remove: (owned, id, { children }, call) =>
      session.perform(call, async (libvirt) => {
        const { domain } = await getOwned(libvirt, owned)
        await unlessRemoved(async () => {
          const snapshot = await libvirt.snapshot(domain, id)
          await libvirt.deleteSnapshot(snapshot, children ? flags.snapshotChildren : 0)
        })
      }),
    updateHardware: (owned, ids, call) =>
      session.perform(call, async (libvirt) => {
        const { domain, hardware } = await getOwned(libvirt, owned)
        const { userNetwork } = session.options
        const { cpus, memoryMiB } = hardware
        const nics = hardware.nics.map(({ network, mac }) => ({ network: network || (userNetwork ?? 'user'), mac }))
        const changes: { readonly snapshot: Snapshot; readonly text: string }[] = []
        for (const id of ids) {
          const snapshot = await getSnapshot(libvirt, domain, id)
          const text = await libvirt.snapshotXml(snapshot)
          if (readSnapshotInfo(text).memory) {
            throw conflict('A snapshot with memory fits one hardware only.', 'ids', 'leave it out')
          }
          // libvirt itself refuses other hardware in a snapshot's description; it is put on when the machine is reverted.
          changes.push({ snapshot, text: rewordSnapshot(text, { hardware: { cpus, memoryMiB, nics } }) })
        }
        for (const { snapshot, text } of changes) await redefine(libvirt, snapshot, text)
      }),
  }
}

/** Parents before children, and otherwise by age: libvirt's own order changes when a snapshot is described anew. */
function inOrder(snapshots: readonly SnapshotInfo[]): readonly SnapshotInfo[] {
  const byAge = snapshots.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const children = Map.groupBy(byAge, (snapshot) => snapshot.parent)
  const withChildren = (snapshot: SnapshotInfo): readonly SnapshotInfo[] => [
    snapshot,
    ...(children.get(snapshot.id) ?? []).flatMap(withChildren),
  ]
  return (children.get(undefined) ?? []).flatMap(withChildren)
}

async function getSnapshot(libvirt: Libvirt, domain: FoundMachine['domain'], id: string): Promise<Snapshot> {
  const snapshot = await unlessRemoved(() => libvirt.snapshot(domain, id))
  if (!snapshot) throw notFound('snapshot', id)
  return snapshot
}

async function redefine(libvirt: Libvirt, snapshot: Snapshot, text: string): Promise<void> {
  const isCurrent = (await libvirt.currentSnapshot(snapshot.domain)) === snapshot.name
  const flag = flags.snapshotRedefine | (isCurrent ? flags.snapshotCurrent : 0)
  await libvirt.createSnapshot(snapshot.domain, text, flag)
}

/**
 * libvirt snapshots the disks of a running guest together with its memory. Where the memory is not wanted, the snapshot is described
 * anew as one of a machine that is off: the memory stays in the image until the snapshot goes, and nobody reads it.
 */
async function dropMemory(libvirt: Libvirt, deed: Deed, snapshot: Snapshot): Promise<void> {
  const text = await libvirt.snapshotXml(snapshot)
  try {
    await libvirt.deleteSnapshot(snapshot, flags.snapshotMetadataOnly)
    await libvirt.createSnapshot(snapshot.domain, forgetMemory(text), flags.snapshotRedefine | flags.snapshotCurrent)
  } catch (error) {
    await deed.undo(async () => {
      const left = await unlessRemoved(() => libvirt.snapshot(snapshot.domain, snapshot.name))
      if (!left) await libvirt.createSnapshot(snapshot.domain, text, flags.snapshotRedefine | flags.snapshotCurrent)
      await libvirt.deleteSnapshot(snapshot, 0)
    })
    throw error
  }
}

/** Whether the guest's agent has settled its file systems. */
async function freeze(libvirt: Libvirt, domain: FoundMachine['domain']): Promise<boolean> {
  try {
    await libvirt.freeze(domain)
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'LibvirtError') return false
    throw error
  }
}

async function unlessRemoved<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (saysNo(error, 'noSnapshot')) return undefined
    throw error
  }
}

function noSnapshotOfUefi(): VirtkitError<'UNSUPPORTED'> {
  return new VirtkitError('UNSUPPORTED', 'libvirt takes no snapshots inside the image of machines with UEFI firmware.', {
    details: { feature: 'snapshots with uefi' },
    hint: 'Create the machine with BIOS firmware where snapshots are needed.',
  })
}
