import type { MachineEvent, WatchOperations } from '@virtkit/spi'
import { cancelled } from '../errors.ts'
import type { Session } from '../session.ts'

export function watchOperations(session: Session): WatchOperations {
  const { changes } = session.simulator.core
  return {
    changes: (options, call) => {
      // Fixed when asked, not when first read: what happens in between is not lost.
      const begin = changes.cursor()
      return follow(options.since ?? begin)
      async function* follow(since: string): AsyncGenerator<MachineEvent> {
        const first = { method: 'watch.changes', call, run: () => changes.read(since) }
        let position = call.signal.aborted ? undefined : await session.perform(first)
        if (position === undefined) return
        const { signal, release } = session.link(call.signal)
        try {
          while (!signal.aborted) {
            for (const { number, kind, ref } of changes.after(position)) {
              position = number
              if (signal.aborted) break
              yield { kind, ref, cursor: changes.cursor(number) }
            }
            if (changes.after(position).length === 0) await changes.next(signal)
          }
          // Not the caller's wish: the session was closed under it.
          if (!call.signal.aborted) throw cancelled('did-not-happen')
        } finally {
          release()
        }
      }
    },
  }
}
