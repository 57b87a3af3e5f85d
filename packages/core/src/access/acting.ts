import { AsyncLocalStorage } from 'node:async_hooks'
import { parseTrace } from '../telemetry/trace-rules.ts'
import type { By } from './actor.ts'

/** Who acts: `user/7`, `system`, or `nobody` before anybody has said who they are. */
export interface Acting {
  readonly who: string
  /** What the user is called now. */
  readonly name?: string
  /** The caller's name for the request. */
  readonly request?: string
  /** W3C `traceparent` of the call. */
  readonly trace?: string
}

// A carrier and no state: each call of a service brings its own.
const carrier = new AsyncLocalStorage<Acting>()

export const system: Acting = { who: 'system' }
export const nobody: Acting = { who: 'nobody' }

/** Everything that is written in `work`, and in what it waits for, is told as done by these. */
export function actingAs<T>(by: Acting, work: () => T): T {
  return carrier.run(by, work)
}

/** Who acts here; the kit itself when nobody has said so. */
export function acting(): Acting {
  return carrier.getStore() ?? system
}

/** The caller of a service, from what accompanies the call. */
export function actingOf(by: By | undefined): Acting {
  const request = {
    ...(by?.request !== undefined && { request: by.request.slice(0, 200) }),
    ...(parseTrace(by?.trace) && { trace: by!.trace! }),
  }
  if (by?.actor?.kind !== 'user') return { ...system, ...request }
  return { who: `user/${by.actor.user}`, name: by.actor.name, ...request }
}
