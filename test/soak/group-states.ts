import type { Fact } from './fact-log.ts'

export const dimensions = ['vm', 'cpu', 'memory', 'disk'] as const
export type Amounts = Readonly<Record<(typeof dimensions)[number], number>>

interface Promised extends Amounts {
  readonly owner: string
  readonly until: number
}

/** What was true of a group from one commit to the next. */
export interface GroupState {
  /** The last fact of the transaction that made it so. */
  readonly seq: number
  readonly limits: Amounts | undefined
  readonly used: Amounts
  readonly promised: readonly Promised[]
}

const nothing: Amounts = { vm: 0, cpu: 0, memory: 0, disk: 0 }

/** The states of each group, in the order in which they came to be. */
export function groupStates(facts: readonly Fact[]): Map<number, GroupState[]> {
  const groups = new Map<number, GroupState[]>()
  let state: GroupState = { seq: 0, limits: undefined, used: nothing, promised: [] }
  for (const [index, fact] of facts.entries()) {
    const isFirst = facts[index - 1]?.group !== fact.group
    if (isFirst) {
      state = { seq: 0, limits: undefined, used: nothing, promised: [] }
      groups.set(fact.group, [state])
    }
    state = { ...after(state, fact), seq: fact.seq }
    const next = facts[index + 1]
    if (next?.group !== fact.group || next.tx !== fact.tx) groups.get(fact.group)!.push(state)
  }
  return groups
}

function after(state: GroupState, fact: Fact): GroupState {
  const { vm, cpu, memory, disk, owner } = fact
  if (fact.kind === 'limit') return { ...state, limits: { vm, cpu, memory, disk } }
  if (fact.kind === 'machine') return { ...state, used: sum([state.used, fact]) }
  const others = state.promised.filter((promise) => promise.owner !== owner)
  if (fact.kind === 'promise-end') return { ...state, promised: others }
  return { ...state, promised: [...others, { owner: owner!, until: fact.until!, vm, cpu, memory, disk }] }
}

export function sum(amounts: readonly Amounts[]): Amounts {
  const total = { ...nothing } as Record<keyof Amounts, number>
  for (const amount of amounts) for (const dimension of dimensions) total[dimension] += amount[dimension]
  return total
}
