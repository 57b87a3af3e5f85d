import type { MachineEvent, WatchOperations } from '@virtkit/spi'
import { cancelled } from '../errors.ts'
import { type EventPage, EventFeed, parseCursor } from '../watch/event-feed.ts'
import type { Context } from './context.ts'

/** Events of an ESXi host by itself are gone when it starts anew: only a vCenter is watched. */
export function watchOperations({ session }: Context): WatchOperations {
  return {
    changes: ({ since }, call) => {
      const { signal, release } = session.link(call.signal)
      const feed = new EventFeed(session.client, signal)
      const open = (): Promise<EventPage> => feed.open(since === undefined ? undefined : parseCursor(since))
      // Begun when asked, not when first read: what happens in between is not lost.
      const beginning = call.signal.aborted ? undefined : session.perform({ signal }, undefined, open)
      beginning?.catch(() => undefined)
      return follow()
      async function* follow(): AsyncGenerator<MachineEvent> {
        try {
          let page = await beginning
          while (page !== undefined && !signal.aborted) {
            for (const event of page) {
              if (signal.aborted) break
              yield event
            }
            if (!signal.aborted) page = await session.perform({ signal }, undefined, () => feed.next())
          }
        } catch (error) {
          // The caller's wish is an end and no error.
          if (!call.signal.aborted) throw error
        } finally {
          release()
          await feed.close()
        }
        // Not the caller's wish: the session was closed under it.
        if (!call.signal.aborted) throw cancelled('did-not-happen')
      }
    },
  }
}
