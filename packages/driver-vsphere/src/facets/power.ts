import { type PowerOperations, VirtkitError } from '@virtkit/spi'
import { VimFault } from '../client/soap/vim-fault.ts'
import type { MoRef } from '../client/xml/xml-tree.ts'
import { getMachine, getOwned } from '../machines/find-machine.ts'
import { powerOf } from '../machines/machine-view.ts'
import { pause } from '../machines/make-once.ts'
import { switchOff, switchOn } from '../machines/switch-power.ts'
import type { Work } from '../session.ts'
import type { Context } from './context.ts'

/** How often a guest that shuts down is looked at. */
const lookMs = 500
const powerPaths = ['name', 'runtime.powerState']

export function powerOperations({ session }: Context): PowerOperations {
  const subject = (ref: string): { what: string; id: string } => ({ what: 'machine', id: ref })
  return {
    read: (ref, call) =>
      session.perform(call, subject(ref), async (work) => powerOf((await getMachine(work, ref, powerPaths)).properties)),
    on: (owned, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const { ref, properties } = await getOwned(work, owned)
        if (powerOf(properties) !== 'on') await switchOn(work, ref)
      }),
    off: (owned, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const { ref, properties } = await getOwned(work, owned)
        if (powerOf(properties) !== 'off') await switchOff(work, ref)
      }),
    shutdown: (owned, { timeoutMs, fallback }, call) =>
      session.perform(call, subject(owned.ref), async (work) => {
        const until = performance.now() + timeoutMs
        const { ref, properties } = await getOwned(work, owned)
        if (powerOf(properties) === 'off') return 'shut-down'
        const isAsked = powerOf(properties) === 'on' && (await askGuest(work, ref))
        if (isAsked && (await untilOff(work, ref, until))) return 'shut-down'
        if (fallback === 'none') throw disobeyed(owned.ref, timeoutMs, isAsked)
        await switchOff(work, ref)
        return 'forced-off'
      }),
  }
}

/** Whether the guest was asked: one without VMware Tools cannot be. */
async function askGuest(work: Work, ref: MoRef): Promise<boolean> {
  try {
    await work.change('ShutdownGuest', ref)
    return true
  } catch (error) {
    if (!(error instanceof VimFault)) throw error
    if (/^(ToolsUnavailable|NotSupported|InvalidPowerState)$/.test(error.fault)) return error.fault === 'InvalidPowerState'
    throw error
  }
}

async function untilOff(work: Work, ref: MoRef, until: number): Promise<boolean> {
  for (;;) {
    const { properties } = await getMachine(work, ref.id, powerPaths)
    if (powerOf(properties) === 'off') return true
    const left = until - performance.now()
    if (left <= 0) return false
    await pause(Math.min(left, lookMs), work.signal)
  }
}

function disobeyed(ref: string, timeoutMs: number, isAsked: boolean): VirtkitError<'TIMEOUT'> {
  const why = isAsked ? `did not shut down within ${timeoutMs} ms` : 'cannot be asked: VMware Tools do not run in it'
  return new VirtkitError('TIMEOUT', `The guest of the machine ${ref} ${why}.`, {
    details: { waitedFor: 'guest shutdown', timeoutMs },
    outcome: isAsked ? 'unknown' : 'did-not-happen',
    hint: "Give it more time, or let fallback: 'off' pull the plug.",
  })
}
