import type { Hypervisor, OptionalFacet } from '../driver/hypervisor.ts'
import type { SnapshotOperations } from '../driver/snapshot-operations.ts'
import type { DriverTarget, TargetHook } from './driver-target.ts'
import type { Lab } from './lab.ts'

/** One promise of the contract, and what proves it. */
export interface DriverCase {
  /** Stable and unique: `power.on-again`. What stands before the dot is its group. */
  readonly id: string
  /** A sentence about behaviour. */
  readonly name: string
  /** What must be there for the case to make sense; all of it. */
  readonly needs: readonly Need[]
  /** The promise in the contract's words, after the method that makes it: `power.on: on a running machine, no effect`. */
  readonly promise: string
  /** Takes long by its nature: it gets ten times the usual time. */
  readonly slow?: boolean
  /** Resolves when the promise holds; throws otherwise. */
  run(lab: Lab): Promise<void>
}

export type SnapshotDegree = keyof SnapshotOperations['supports']

/** A facet, a degree of the snapshots facet (claimed, or `not` claimed), or a hook of the target. */
export type Need = OptionalFacet | `snapshots.${SnapshotDegree}` | `not snapshots.${SnapshotDegree}` | `hook ${TargetHook}`

/** Why a case does not run: the driver does not claim it, or the target has no means to look. */
export interface Skip {
  readonly kind: 'not-claimed' | 'cannot-look'
  readonly reason: string
}

/** The first need of a case that is not met, in words; undefined when it can run. */
export function unmetNeed(needs: readonly Need[], hypervisor: Hypervisor, target: DriverTarget): Skip | undefined {
  for (const need of needs) {
    const reason = whyNot(need, hypervisor, target)
    if (reason) return { kind: need.startsWith('hook ') ? 'cannot-look' : 'not-claimed', reason }
  }
  return undefined
}

function whyNot(need: Need, hypervisor: Hypervisor, target: DriverTarget): string | undefined {
  if (need.startsWith('hook ')) {
    const hook = need.slice('hook '.length) as TargetHook
    return target[hook] === undefined ? `the target has no ${hook}` : undefined
  }
  const [, not, facet, degree] = /^(not )?(\w+)(?:\.(\w+))?$/.exec(need) ?? []
  if (hypervisor[facet as OptionalFacet] === undefined) return `no ${facet} facet`
  if (degree === undefined) return undefined
  const claimed = hypervisor.snapshots?.supports[degree as SnapshotDegree] === true
  if (not) return claimed ? `it claims ${degree} for ${facet}` : undefined
  return claimed ? undefined : `no ${degree} for ${facet}`
}
