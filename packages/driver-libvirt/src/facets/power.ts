import { type PowerOperations, VirtkitError } from '@virtkit/spi'
import type { Libvirt } from '../client/libvirt.ts'
import { Aborted, conflict, saysNo } from '../errors.ts'
import { pullPlug } from '../machines/destroy.ts'
import { powerOf } from '../machines/hardware.ts'
import { type FoundMachine, getMachine, getOwned } from '../machines/look.ts'
import type { Deed, Session } from '../session.ts'

const lookEveryMs = 100

export function powerOperations(session: Session): PowerOperations {
  return {
    read: (ref, call) =>
      session.perform(call, async (libvirt) => powerOf(await libvirt.domainState((await getMachine(libvirt, ref)).domain))),
    on: (owned, call) =>
      session.perform(call, async (libvirt) => {
        const { domain, hardware } = await getOwned(libvirt, owned)
        if (hardware.mark.isIncomplete) throw conflict('The machine is still being made.', 'state')
        if (hardware.mark.isTemplate) throw conflict('A template does not run.', 'isTemplate', 'clone it')
        const power = powerOf(await libvirt.domainState(domain))
        if (power === 'on') return
        // A machine that another call is starting stands still for a moment, as a suspended one does.
        await unlessRunning(() => (power === 'suspended' ? libvirt.resume(domain) : libvirt.start(domain)))
      }),
    off: (owned, call) =>
      session.perform(call, async (libvirt) => pullPlug(libvirt, (await getOwned(libvirt, owned)).domain)),
    shutdown: (owned, { timeoutMs, fallback }, call) =>
      session.perform(call, async (libvirt, deed) => {
        const until = Date.now() + timeoutMs
        const { domain } = await getOwned(libvirt, owned)
        if (powerOf(await libvirt.domainState(domain)) === 'off') return 'shut-down'
        await askToShutDown(libvirt, domain)
        if (await isOffBefore(until, libvirt, domain, deed)) return 'shut-down'
        if (fallback === 'off') {
          await pullPlug(libvirt, domain)
          return 'forced-off'
        }
        throw new VirtkitError('TIMEOUT', `The guest has not shut down within ${timeoutMs} ms.`, {
          details: { waitedFor: 'the guest to shut down', timeoutMs },
          outcome: 'unknown',
          hint: 'It may still do so; or switch it off.',
        })
      }),
  }
}

async function unlessRunning(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(saysNo(error, 'operationInvalid') && /already running/.test(error.message))) throw error
  }
}

async function askToShutDown(libvirt: Libvirt, domain: FoundMachine['domain']): Promise<void> {
  try {
    await libvirt.shutdown(domain)
  } catch (error) {
    // It has stopped meanwhile.
    if (!saysNo(error, 'operationInvalid')) throw error
  }
}

async function isOffBefore(until: number, libvirt: Libvirt, domain: FoundMachine['domain'], deed: Deed): Promise<boolean> {
  for (;;) {
    if (powerOf(await libvirt.domainState(domain)) === 'off') return true
    const left = until - Date.now()
    if (left <= 0) return false
    await pause(Math.min(left, lookEveryMs), deed.signal)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    const stop = (): void => {
      clearTimeout(timer)
      reject(new Aborted())
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
