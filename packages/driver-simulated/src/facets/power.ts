import { VirtkitError, type PowerOperations } from '@virtkit/spi'
import { cancelled } from '../errors.ts'
import type { Session } from '../session.ts'
import { throwProblems, wholeNumberProblems } from '../world/input.ts'
import type { MachineState } from '../world/world-state.ts'

export function powerOperations(session: Session): PowerOperations {
  const { core, guests, clock } = session.simulator
  return {
    read: (ref, call) => session.perform({ method: 'power.read', call, subject: { ref }, run: () => core.get(ref).power }),
    on: (owned, call) =>
      session.perform({
        method: 'power.on',
        call,
        subject: owned,
        run: () => core.powerOn(core.getOwned(owned)),
      }),
    off: (owned, call) =>
      session.perform({
        method: 'power.off',
        call,
        subject: owned,
        run: () => core.powerOff(core.getOwned(owned)),
      }),
    shutdown: (owned, options, call) =>
      session.perform({
        method: 'power.shutdown',
        call,
        subject: owned,
        run: async (signal) => {
          throwProblems(wholeNumberProblems('timeoutMs', options.timeoutMs, 0))
          const machine = core.getOwned(owned)
          guests.askToShutDown(machine)
          if (await isOffWithin(machine, options.timeoutMs, signal)) return 'shut-down'
          if (options.fallback === 'none') throw disobeyed(machine, options.timeoutMs)
          core.powerOff(machine)
          return 'forced-off'
        },
      }),
  }

  async function isOffWithin(machine: MachineState, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const waiting = new AbortController()
    const end = (): void => waiting.abort()
    signal.addEventListener('abort', end, { once: true })
    // When the time is over, or the caller has had enough, nobody listens to the feed any more.
    const timer = clock.sleep(timeoutMs, waiting.signal).then(end, () => undefined)
    try {
      while (machine.power === 'on' && !waiting.signal.aborted) await core.changes.next(waiting.signal)
      if (machine.power !== 'on') return true
      // The guest was asked; it may still obey.
      if (signal.aborted) throw cancelled('unknown')
      return false
    } finally {
      end()
      signal.removeEventListener('abort', end)
      await timer
    }
  }
}

function disobeyed(machine: MachineState, timeoutMs: number): VirtkitError<'TIMEOUT'> {
  return new VirtkitError('TIMEOUT', `The guest of ${machine.name} did not shut down within ${timeoutMs} ms.`, {
    details: { waitedFor: 'guest shutdown', timeoutMs },
    outcome: 'unknown',
    hint: "Give it more time, or let fallback: 'off' pull the plug.",
  })
}
