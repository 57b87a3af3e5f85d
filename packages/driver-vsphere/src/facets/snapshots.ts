import { type SnapshotInfo, type SnapshotOperations, type SnapshotTree, notFound } from '@virtkit/spi'
import { VimFault } from '../client/soap/vim-fault.ts'
import { type MoRef, flagAt, listAt, refAt, textAt } from '../client/xml/xml-tree.ts'
import { unsupported } from '../errors.ts'
import { findMachine, getMachine, getOwned } from '../machines/find-machine.ts'
import { markOf, markWritten } from '../machines/machine-mark.ts'
import { powerOf } from '../machines/machine-view.ts'
import { pause } from '../machines/make-once.ts'
import { switchOff } from '../machines/switch-power.ts'
import type { Work } from '../session.ts'
import type { Context } from './context.ts'

/** vCenter answers a renaming before its tree shows it. */
const renameMs = 5_000

export function snapshotOperations({ session }: Context): SnapshotOperations {
  const subject = (ref: string): { what: string; id: string } => ({ what: 'machine', id: ref })
  return {
    supports: { memory: true, quiesce: true, rename: true, updateHardware: false },
    list: (ref, call) =>
      session.perform(call, subject(ref), async (work) =>
        treeOf((await getMachine(work, ref, ['name', 'snapshot'])).properties['snapshot']),
      ),
    create: (owned, { name, description, memory, quiesce }, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const { ref, properties } = await getOwned(work, owned, ['guest.toolsRunningStatus'])
        const isOn = powerOf(properties) === 'on'
        const take = async (calmly: boolean): Promise<string> => {
          // The server refuses to do both: memory holds what the file systems have not written yet.
          const fields = { name, description, memory: memory && isOn, quiesce: calmly && !(memory && isOn) }
          return refAt(await work.task('CreateSnapshot_Task', ref, fields))?.id ?? ''
        }
        if (!quiesce) return { id: await take(false), quiesce: 'not-asked' }
        const canBeAsked = isOn && !memory && textAt(properties['guest.toolsRunningStatus']) === 'guestToolsRunning'
        try {
          const id = await take(canBeAsked)
          // Of a machine that is off everything is on its disk.
          return { id, quiesce: !isOn || (canBeAsked && (await isQuiesced(work, ref, id))) ? 'quiesced' : 'fell-back' }
        } catch (error) {
          if (!canBeAsked || !(error instanceof VimFault) || !/Quiesce|SnapshotFault|Tools/.test(error.fault)) throw error
          return { id: await take(false), quiesce: 'fell-back' }
        }
      }),
    rename: (owned, id, change, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const before = await getSnapshot(work, owned, id)
        const name = change.name ?? before.name
        const description = change.description ?? before.description
        await work.change('RenameSnapshot', snapshotRef(id), { name, description })
        const until = performance.now() + renameMs
        for (;;) {
          const now = await getSnapshot(work, owned, id)
          if ((now.name === name && now.description === description) || performance.now() > until) return
          await pause(100, work.signal)
        }
      }),
    revert: (owned, id, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const { memory } = await getSnapshot(work, owned, id)
        await work.task('RevertToSnapshot_Task', snapshotRef(id), { suppressPowerOn: false })
        await afterRevert(work, owned, memory)
      }),
    remove: (owned, id, { children }, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const { properties } = await getOwned(work, owned, ['snapshot'])
        if (!treeOf(properties['snapshot']).snapshots.some((each) => each.id === id)) return
        try {
          await work.task('RemoveSnapshot_Task', snapshotRef(id), { removeChildren: children, consolidate: true })
        } catch (error) {
          if (!(error instanceof VimFault) || error.fault !== 'ManagedObjectNotFound') throw error
          // Somebody else was faster, or the machine itself is gone.
          await findMachine(work, owned.ref, ['name'])
        }
      }),
    updateHardware: (owned, _ids, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        await getOwned(work, owned)
        throw unsupported(
          'snapshots.updateHardware',
          'A vSphere snapshot cannot be changed, and cannot be made anew in its place without changing the tree.',
          'Revert to the snapshot, change the machine, and take another one.',
        )
      }),
  }
}

function snapshotRef(id: string): MoRef {
  return { moType: 'VirtualMachineSnapshot', id }
}

/** Throws `NOT_FOUND` also for a snapshot of another machine. */
async function getSnapshot(work: Work, owned: { ref: string; key: string }, id: string): Promise<SnapshotInfo> {
  const { properties } = await getOwned(work, owned, ['snapshot'])
  const found = treeOf(properties['snapshot']).snapshots.find((each) => each.id === id)
  if (!found) throw notFound('snapshot', id)
  return found
}

/** A snapshot holds the configuration of then: a mark that came later is put on again. */
async function afterRevert(work: Work, owned: { ref: string; key: string }, memory: boolean): Promise<void> {
  const { ref, properties } = await getMachine(work, owned.ref, ['name', 'config.extraConfig', 'runtime.powerState'])
  if (markOf(properties['config.extraConfig']) !== owned.key) {
    await work.task('ReconfigVM_Task', ref, { spec: { extraConfig: [markWritten(owned.key)] } })
  }
  if (!memory && powerOf(properties) === 'on') await switchOff(work, ref)
}

async function isQuiesced(work: Work, machine: MoRef, id: string): Promise<boolean> {
  const { properties } = await getMachine(work, machine.id, ['name', 'snapshot'])
  return flagAt(
    nodes(listAt(properties['snapshot'], 'rootSnapshotList')).find(({ node }) => refAt(node, 'snapshot')?.id === id)?.node,
    'quiesced',
  )
}

function treeOf(snapshot: unknown): SnapshotTree {
  const current = refAt(snapshot, 'currentSnapshot')?.id
  const snapshots = nodes(listAt(snapshot, 'rootSnapshotList')).map(({ node, parent }) => ({
    id: refAt(node, 'snapshot')?.id ?? '',
    name: textAt(node, 'name') ?? '',
    description: textAt(node, 'description') ?? '',
    ...(parent === undefined ? {} : { parent }),
    createdAt: Date.parse(textAt(node, 'createTime') ?? '') || 0,
    // Without its memory the machine of a snapshot is one that is off.
    memory: textAt(node, 'state') === 'poweredOn',
  }))
  return current === undefined || snapshots.length === 0 ? { snapshots } : { current, snapshots }
}

/** Parents before children. */
function nodes(
  list: readonly unknown[],
  parent?: string,
): readonly { readonly node: unknown; readonly parent: string | undefined }[] {
  return list.flatMap((node) => [
    { node, parent },
    ...nodes(listAt(node, 'childSnapshotList'), refAt(node, 'snapshot')?.id),
  ])
}
