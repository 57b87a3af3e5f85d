import { type MachineOperations, type MachineSpec, type OwnedMachine, invalidInput } from '@virtkit/spi'
import { says } from '../client/error-texts.ts'
import type { PveCall } from '../client/pve-call.ts'
import { text } from '../client/wire.ts'
import { notOurs } from '../errors.ts'
import { claimId } from '../machine/claim-id.ts'
import { createParams } from '../machine/create-params.ts'
import type { Found, MachineReader } from '../machine/machine-reader.ts'
import { withMark, withTag } from '../machine/mark.ts'
import { keyProblems, specProblems } from '../machine/spec-problems.ts'
import type { Session } from '../session.ts'
import { settled } from '../settle.ts'
import { findPlace } from '../site/placement.ts'
import { reconfigure } from '../machine/reconfigure.ts'
import { stop } from './power.ts'

export function machineOperations(session: Session, reader: MachineReader): MachineOperations {
  const exclusively = <T>(ref: string, work: () => Promise<T>): Promise<T> => session.queue.run(Number(ref), work)
  return {
    create: (spec, call) =>
      session.perform(call, async (pve) => {
        const there = keyProblems(call.key).length === 0 ? await reader.byKey(pve, call.key) : undefined
        if (there) return there.info
        const place = await findPlace(pve, wishOf(spec), session.options, [...keyProblems(call.key), ...specProblems(spec)])
        const found = await claimId({ session, reader }, pve, call.key, (vmid) => ({
          method: 'POST',
          path: '/nodes/{node}/qemu',
          at: { node: place.node },
          params: createParams(vmid, spec, place, call.key),
        }))
        return found.info
      }),
    find: (ref, call) => session.perform(call, async (pve) => (await reader.find(pve, ref))?.info),
    findByKey: (key, call) => session.perform(call, async (pve) => (await reader.byKey(pve, key))?.info),
    mark: (ref, call) =>
      session.perform(call, (pve) =>
        exclusively(ref, async () => {
          const problems = keyProblems(call.key)
          if (problems.length > 0) throw invalidInput(problems)
          await remark(pve, () => reader.get(pve, ref), call.key)
        }),
      ),
    unmark: (machine, call) =>
      session.perform(call, (pve) =>
        exclusively(machine.ref, async () => {
          const found = await reader.find(pve, machine.ref)
          if (!found?.mark) return
          await remark(pve, () => reader.owned(pve, machine), undefined)
        }),
      ),
    reconfigure: (machine, change, call) =>
      session.perform(call, (pve) =>
        exclusively(machine.ref, async () => {
          for (let round = 1; ; round += 1) {
            try {
              await reconfigure(pve, await reader.owned(pve, machine), change)
              break
            } catch (error) {
              // Somebody has changed something since we looked: what is asked for is worked out anew.
              if (!says(error, 'stale') || round >= 5) throw error
            }
          }
          return (await reader.get(pve, machine.ref)).info
        }),
      ),
    destroy: (machine, call) =>
      session.perform(call, (pve) => exclusively(machine.ref, () => destroy(session, reader, pve, machine))),
  }
}

function wishOf({ placement, disks, nics, medium }: MachineSpec): Parameters<typeof findPlace>[1] {
  return { placement, disks, nics, ...(medium && { medium: medium.ref }) }
}

/** Writes description and tags together, and only over what was read: somebody may write there at the same time. */
async function remark(pve: PveCall, read: () => Promise<Found>, key: string | undefined): Promise<void> {
  for (let round = 1; ; round += 1) {
    const { vmid, node, config, mark, tags } = await read()
    if (key !== undefined && mark && mark.key !== key) throw notOurs(String(vmid))
    const before = text(config['description'])
    const wanted = withMark(before, vmid, key === undefined ? undefined : { unfinished: false, ...mark, key })
    const wantedTags = withTag(tags, key)
    if (mark?.key === key && tags.join(';') === wantedTags) return
    const emptied = [...(wanted === '' ? ['description'] : []), ...(wantedTags === '' ? ['tags'] : [])]
    try {
      await pve.change({
        method: 'PUT',
        path: '/nodes/{node}/qemu/{vmid}/config',
        at: { node, vmid },
        params: {
          ...(wanted !== '' && { description: wanted }),
          ...(wantedTags !== '' && { tags: wantedTags }),
          ...(emptied.length > 0 && { delete: emptied.join(',') }),
          digest: text(config['digest']),
        },
      })
      return
    } catch (error) {
      if (!says(error, 'stale') || round >= 5) throw error
    }
  }
}

async function destroy(session: Session, reader: MachineReader, pve: PveCall, machine: OwnedMachine): Promise<void> {
  for (let round = 1; ; round += 1) {
    // Gone is fine; another's is not, whatever it does.
    const found = await reader.find(pve, machine.ref)
    if (!found) return
    if (found.mark?.key !== machine.key) throw notOurs(machine.ref)
    if (found.info.power !== 'off') await stop(session, reader, pve, found)
    const at = { node: found.node, vmid: found.vmid }
    const params = { purge: 1, 'destroy-unreferenced-disks': 1 }
    try {
      await settled(
        pve,
        session.options.settleMs,
        () => pve.change({ method: 'DELETE', path: '/nodes/{node}/qemu/{vmid}', at, params }),
        async () => (await reader.find(pve, machine.ref)) === undefined,
      )
      return
    } catch (error) {
      const changed = says(error, 'machineMissing') || says(error, 'stillRunning')
      if (!changed || round >= 3) throw error
    }
  }
}
