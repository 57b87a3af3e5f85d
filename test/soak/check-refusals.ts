import type { Problem } from './finding.ts'
import { type GroupState, dimensions, sum } from './group-states.ts'
import type { ContingentRefusal, Entry } from './journal.ts'

/**
 * Whether every `CONTINGENT_EXCEEDED` was right at its moment: between call and answer there was a committed state of the group
 * whose limits and machines are those that the refusal tells of, whose reservations, without those whose time was over, are
 * what it calls reserved, and in which what was asked had no room.
 */
export function checkRefusals(
  entries: readonly Entry[],
  groups: ReadonlyMap<number, readonly GroupState[]>,
): { readonly judged: number; readonly problems: Problem[] } {
  const refused = entries.filter((entry) => entry.refusal?.contingent)
  const problems = refused.flatMap((entry) => {
    const refusal = entry.refusal!.contingent!
    const states = groups.get(refusal.group) ?? []
    const wrong = refusal.blocking.length === 0 ? 'it names nothing that blocks' : undefined
    if (!wrong && stretch(states, refusal).some((state) => explains(state, refusal, entry))) return []
    const text = `${entry.id} (${entry.move.kind}) was refused in group ${refusal.group}: ${JSON.stringify(refusal.blocking)}`
    return [{ check: 'false refusal' as const, text: `${text}, ${wrong ?? 'which was at no time so'}` }]
  })
  return { judged: refused.length, problems }
}

/** The states that the call can have seen: the one that it found when it began, up to the one that its answer left. */
function stretch(states: readonly GroupState[], { from, to }: ContingentRefusal): readonly GroupState[] {
  const first = states.findLastIndex((state) => state.seq <= from)
  const last = states.findLastIndex((state) => state.seq <= to)
  return states.slice(Math.max(0, first), last + 1)
}

function explains(state: GroupState, { blocking, keeps }: ContingentRefusal, entry: Entry): boolean {
  const { limits, used, promised } = state
  if (!limits) return false
  const { startedAt, endedAt = startedAt } = entry
  // Reservations end while the call is under way; which of them it saw ended depends on when exactly it looked.
  const ends = promised.map(({ until }) => until + 1).filter((at) => at > startedAt && at <= endedAt)
  return [startedAt, ...ends].some((now) => {
    const reserved = sum(promised.filter(({ until, owner }) => until >= now || owner === keeps))
    return blocking.every(
      (told) =>
        told.limit === limits[told.dimension] &&
        told.used === used[told.dimension] &&
        told.reserved === reserved[told.dimension] &&
        told.used + told.reserved + told.asked > told.limit,
    )
  })
}

/** Whether a group ever grew beyond its limits. Being beyond them because they were lowered is allowed. */
export function checkLimits(groups: ReadonlyMap<number, readonly GroupState[]>): Problem[] {
  const problems: Problem[] = []
  for (const [group, states] of groups) {
    for (const [index, state] of states.entries()) {
      const before = states[index - 1]
      if (!before || !state.limits) continue
      const taken = sum([state.used, ...state.promised])
      // What is settled is given up first and charged then: on SQLite, where transactions are not told apart, two states.
      const had = [before, states[index - 2] ?? before].map((each) => sum([each.used, ...each.promised]))
      for (const dimension of dimensions) {
        if (had.some((each) => taken[dimension] <= each[dimension]) || taken[dimension] <= state.limits[dimension]) continue
        const text = `group ${group} grew to ${taken[dimension]} ${dimension} of ${state.limits[dimension]} (fact ${state.seq})`
        problems.push({ check: 'over the limit', text })
      }
    }
  }
  return problems
}
