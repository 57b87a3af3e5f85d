import { VirtkitError } from '@virtkit/spi'
import { says } from '../client/error-texts.ts'
import type { Change, PveCall } from '../client/pve-call.ts'
import { isPveError } from '../client/pve-error.ts'
import { records } from '../client/wire.ts'
import type { Session } from '../session.ts'
import { candidateIds } from './candidate-ids.ts'
import type { Found, MachineReader } from './machine-reader.ts'

/** What has become of a number that was asked for. */
type Holder = { readonly ours: Found } | 'another' | 'nobody'

/**
 * Makes a machine under a number that nobody else gets, and that this key gets again whenever it asks.
 *
 * Promises: the number is taken by the create itself; one that is taken is looked at, adopted when it carries this key's mark and left
 * alone otherwise. A create without an answer is looked for until it is there or `settleMs` has passed; then it throws what was lost,
 * `happened: 'maybe'`, and the same key will ask for the same number.
 */
export async function claimId(
  { session, reader }: { readonly session: Session; readonly reader: MachineReader },
  pve: PveCall,
  key: string,
  create: (vmid: number) => Change,
): Promise<Found> {
  const { idRange, settleMs } = session.options
  const taken = await session.guests(pve)
  let passed = 0
  for (const vmid of candidateIds(key, idRange)) {
    if (taken.has(vmid)) continue
    const holder = await attempt(vmid)
    if (holder !== 'another' && holder !== 'nobody') {
      return passed === 0 ? holder.ours : earliest(vmid, holder.ours)
    }
    passed += 1
    if (passed > 200) break
  }
  throw new VirtkitError('HYPERVISOR_REFUSED', `No machine id is free from ${idRange.from} to ${idRange.to}.`, {
    details: { reason: 'no machine id is free' },
    hint: 'Widen idRange of the cluster.',
  })

  async function attempt(vmid: number): Promise<Holder> {
    // A number may be freed between the refusal and our look at it: then it is asked for again.
    for (let round = 0; round < 3; round += 1) {
      let lost: unknown
      try {
        await pve.finish(await pve.begin(create(vmid)))
      } catch (error) {
        if (isPveError(error, 'unreachable') && error.happened === 'maybe') lost = error
        else if (!says(error, 'idTaken')) throw error
      }
      const holder = await holderOf(vmid, lost === undefined ? 2000 : settleMs)
      if (holder !== 'nobody') return holder
      if (lost !== undefined) throw lost
    }
    return 'another'
  }

  /** Waits while it is being made: until then nobody can say whose it is. */
  async function holderOf(vmid: number, patienceMs: number): Promise<Holder> {
    const until = performance.now() + patienceMs
    const lockedUntil = performance.now() + session.options.lockWaitMs
    for (let pause = 30; ; pause = Math.min(pause * 1.6, 1000)) {
      let found: Found | undefined
      try {
        found = await reader.find(pve, String(vmid))
        const beingMade = found && ['create', 'clone'].includes(found.lock ?? '')
        if (found?.mark && !beingMade) return found.mark.key === key ? { ours: found } : 'another'
        if (found && !beingMade) return 'another'
        if (found && performance.now() > lockedUntil && !(await hasTask(found))) return 'another'
      } catch (error) {
        if (!isPveError(error, 'unreachable')) throw error
      }
      if (!found && performance.now() > until) return 'nobody'
      if (!found && (await session.guests(pve)).has(vmid) && performance.now() > until) return 'another'
      await pve.pause(pause)
    }
  }

  async function hasTask({ node, vmid }: Found): Promise<boolean> {
    return records(await pve.get('/nodes/{node}/tasks', { node }, { vmid, source: 'active' })).length > 0
  }

  // Somebody with the same key may have got an earlier number that was taken when we asked: that one counts, ours goes.
  async function earliest(vmid: number, ours: Found): Promise<Found> {
    const guests = await session.guests(pve)
    for (const before of candidateIds(key, idRange)) {
      if (before === vmid) return ours
      const other = guests.has(before) ? await reader.find(pve, String(before)) : undefined
      if (other?.mark?.key !== key || other.mark.unfinished) continue
      const params = { purge: 1, 'destroy-unreferenced-disks': 1 }
      await pve.change({ method: 'DELETE', path: '/nodes/{node}/qemu/{vmid}', at: { node: ours.node, vmid }, params })
      return other
    }
    return ours
  }
}
