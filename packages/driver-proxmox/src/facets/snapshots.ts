import { randomBytes } from 'node:crypto'
import { type SnapshotInfo, type SnapshotOperations, type SnapshotTree, notFound } from '@virtkit/spi'
import { says } from '../client/error-texts.ts'
import type { PveCall } from '../client/pve-call.ts'
import { isPveError } from '../client/pve-error.ts'
import { flag, number, record, records, text } from '../client/wire.ts'
import { unsupported } from '../errors.ts'
import { tagOf, withTag } from '../machine/mark.ts'
import type { Found, MachineReader } from '../machine/machine-reader.ts'
import { parseSnapshot, renderSnapshot } from '../machine/snapshot-text.ts'
import type { Session } from '../session.ts'
import { settled } from '../settle.ts'

const listPath = '/nodes/{node}/qemu/{vmid}/snapshot'
const onePath = `${listPath}/{snapname}`

export function snapshotOperations(session: Session, reader: MachineReader): SnapshotOperations {
  const { settleMs } = session.options
  /** With the machine checked, and nobody else at it. */
  const owned = <T>(
    machine: { readonly ref: string; readonly key: string },
    call: Parameters<SnapshotOperations['list']>[1],
    work: (pve: PveCall, found: Found) => Promise<T>,
  ): Promise<T> =>
    session.perform(call, (pve) =>
      session.queue.run(Number(machine.ref), async () => work(pve, await reader.owned(pve, machine))),
    )
  return {
    // A saved configuration cannot be changed: today's hardware gets into older snapshots by no documented way.
    supports: { memory: true, quiesce: true, rename: true, updateHardware: false },
    list: (ref, call) => session.perform(call, async (pve) => readTree(pve, await reader.get(pve, ref))),
    create: (machine, request, call) =>
      owned(machine, call, async (pve, found) => {
        const { node, vmid } = found
        const at = { node, vmid }
        const feature = record(await pve.get('/nodes/{node}/qemu/{vmid}/feature', at, { feature: 'snapshot' }))
        if (!flag(feature['hasFeature'])) {
          throw unsupported(
            'snapshots',
            'A disk of this machine is on a storage or in a format that cannot hold snapshots: raw files and LVM cannot.',
          )
        }
        const id = `vk-${randomBytes(8).toString('hex')}`
        const memory = request.memory && found.info.power !== 'off'
        const frozen = request.quiesce && !memory && (await agentAnswers(pve, found))
        const params = { snapname: id, description: renderSnapshot(request), vmstate: memory }
        let warnings: readonly string[] = []
        await settled(
          pve,
          settleMs,
          async () => (warnings = await pve.change({ method: 'POST', path: listPath, at, params })),
          async () =>
            (await readTree(pve, found)).current === id && (await reader.get(pve, machine.ref)).lock === undefined,
        )
        const quiesced = frozen && !warnings.some((line) => /freeze/.test(line))
        return { id, quiesce: request.quiesce ? (quiesced ? 'quiesced' : 'fell-back') : 'not-asked' }
      }),
    rename: (machine, id, change, call) =>
      owned(machine, call, async (pve, found) => {
        const { name, description } = await require(pve, found, id)
        const told = renderSnapshot({ name: change.name ?? name, description: change.description ?? description })
        await pve.change({ method: 'PUT', path: `${onePath}/config`, at: at(found, id), params: { description: told } })
      }),
    revert: (machine, id, call) =>
      owned(machine, call, async (pve, found) => {
        await require(pve, found, id)
        await pve.change({ method: 'POST', path: `${onePath}/rollback`, at: at(found, id) })
        await tagAgain(pve, await reader.get(pve, machine.ref), machine.key)
      }),
    remove: (machine, id, { children }, call) =>
      owned(machine, call, async (pve, found) => {
        const { snapshots } = await readTree(pve, found)
        for (const each of children ? branchOf(snapshots, id).toReversed() : [id]) {
          if (!snapshots.some((snapshot) => snapshot.id === each)) continue
          try {
            await pve.change({ method: 'DELETE', path: onePath, at: at(found, each) })
          } catch (error) {
            if (!says(error, 'snapshotMissing')) throw error
          }
        }
      }),
    updateHardware: (machine, _ids, call) =>
      owned(machine, call, async () => {
        throw unsupported('snapshots.updateHardware', 'Proxmox VE cannot change the hardware that a snapshot holds.')
      }),
  }
}

const at = ({ node, vmid }: Found, snapname: string): { node: string; vmid: number; snapname: string } => ({
  node,
  vmid,
  snapname,
})

async function require(pve: PveCall, found: Found, id: string): Promise<SnapshotInfo> {
  const snapshot = (await readTree(pve, found)).snapshots.find((each) => each.id === id)
  if (!snapshot) throw notFound('snapshot', id)
  return snapshot
}

async function readTree(pve: PveCall, { node, vmid }: Found): Promise<SnapshotTree> {
  const lines = records(await pve.get(listPath, { node, vmid }))
  const here = lines.find((line) => line['name'] === 'current')
  const all = lines
    .filter((line) => line !== here)
    .map((line): SnapshotInfo => {
      const id = text(line['name']) ?? ''
      const parent = text(line['parent'])
      return {
        id,
        ...parseSnapshot(text(line['description']) ?? '', id),
        ...(parent !== undefined && { parent }),
        createdAt: (number(line['snaptime']) ?? 0) * 1000,
        memory: flag(line['vmstate']),
      }
    })
  const current = text(here?.['parent'])
  return { ...(current !== undefined && { current }), snapshots: parentsFirst(all) }
}

function parentsFirst(all: readonly SnapshotInfo[]): readonly SnapshotInfo[] {
  const known = new Set(all.map(({ id }) => id))
  const roots = all.filter(({ parent }) => parent === undefined || !known.has(parent))
  const sorted = (list: readonly SnapshotInfo[]): readonly SnapshotInfo[] =>
    list.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const below = (parent: SnapshotInfo): readonly SnapshotInfo[] => [
    parent,
    ...sorted(all.filter((each) => each.parent === parent.id)).flatMap(below),
  ]
  return sorted(roots).flatMap(below)
}

/** The snapshot and everything that stands on it, parents first. */
function branchOf(all: readonly SnapshotInfo[], id: string): readonly string[] {
  return [id, ...all.filter(({ parent }) => parent === id).flatMap((child) => branchOf(all, child.id))]
}

/** A snapshot brings back the tags of then; the description, and with it our mark, stays. */
async function tagAgain(pve: PveCall, { node, vmid, tags }: Found, key: string): Promise<void> {
  if (tags.includes(tagOf(key))) return
  const params = { tags: withTag(tags, key) }
  await pve.change({ method: 'PUT', path: '/nodes/{node}/qemu/{vmid}/config', at: { node, vmid }, params })
}

/** The server freezes the guest's file systems by itself where an agent answers, and takes the snapshot all the same where none does. */
async function agentAnswers(pve: PveCall, { node, vmid, info }: Found): Promise<boolean> {
  if (info.power !== 'on') return false
  try {
    await pve.get('/nodes/{node}/qemu/{vmid}/agent/info', { node, vmid })
    return true
  } catch (error) {
    if (isPveError(error, 'refused') || isPveError(error, 'denied')) return false
    throw error
  }
}
