import type { Problem } from './finding.ts'
import type { Card, Entry } from './journal.ts'

/** Certain possession: from the answer until somebody began to take it away, or until the hold ended. */
export interface Possession {
  readonly what: string
  readonly owner: string
  readonly from: number
  readonly until: number
}

/** What the clients were told: by it alone nobody may have had what another had at the same time. */
export interface Answers {
  readonly addresses: readonly Possession[]
  readonly macs: readonly Possession[]
  readonly problems: readonly Problem[]
}

export function readAnswers(entries: readonly Entry[]): Answers {
  const takenAway = new Map<string, number>()
  for (const { move, startedAt } of entries) {
    const what =
      move.kind === 'remove' ? `machine/${move.machine}` : move.kind === 'remove-card' ? `nic/${move.card}` : undefined
    if (what !== undefined) takenAway.set(what, Math.min(takenAway.get(what) ?? Infinity, startedAt))
  }
  const ofOwners = ownersOf(entries)
  const addresses = [...ofOwners.possessions]
  const macs: Possession[] = []
  const cards = entries.flatMap(({ move, answer, endedAt }) => {
    const machine = move.kind === 'add-card' ? move.machine : answer?.machine?.key
    const made: readonly Card[] = answer?.card
      ? [answer.card]
      : move.kind === 'create'
        ? (answer?.machine?.cards ?? [])
        : []
    return made.map((card) => ({ card, machine, endedAt: endedAt! }))
  })
  for (const { card, machine, endedAt } of cards) {
    const owner = `nic/${card.key}`
    const until = Math.min(takenAway.get(owner) ?? Infinity, takenAway.get(`machine/${machine}`) ?? Infinity)
    macs.push({ what: card.mac, owner, from: endedAt, until })
    if (card.ip !== undefined) addresses.push({ what: `${card.network} ${card.ip}`, owner, from: endedAt, until })
  }
  return { addresses, macs, problems: ofOwners.problems }
}

/** An owner's moves follow each other: nobody else makes them, and whoever goes on for a dead client comes after it. */
function ownersOf(entries: readonly Entry[]): { possessions: Possession[]; problems: Problem[] } {
  const possessions: Possession[] = []
  const problems: Problem[] = []
  const having = new Map<string, Possession>()
  for (const { id, move, startedAt, endedAt, answer } of entries.toSorted((a, b) => a.startedAt - b.startedAt)) {
    if (move.kind !== 'take' && move.kind !== 'give') continue
    const owner = `${move.network} ${move.owner}`
    const had = having.get(owner)
    // From here on it may be gone, or for longer or shorter than before.
    if (had) possessions.push({ ...had, until: Math.min(had.until, startedAt) })
    having.delete(owner)
    if (move.kind === 'give' || answer?.address === undefined || endedAt === undefined) {
      if (move.kind === 'take' && had && had.until >= (endedAt ?? Infinity)) having.set(owner, had)
      continue
    }
    const now = {
      what: `${move.network} ${answer.address}`,
      owner: move.owner,
      from: endedAt,
      until: move.until ?? Infinity,
    }
    if (had && had.until >= endedAt && had.what !== now.what) {
      const text = `${id}: ${move.owner} had ${had.what} and was given ${now.what} as well`
      problems.push({ check: 'changed answer', text })
    }
    // Use stays use: a hold asked for by somebody who uses the address does not end it.
    having.set(owner, had && had.until === Infinity && had.what === now.what ? { ...now, until: Infinity } : now)
  }
  return { possessions: [...possessions, ...having.values()], problems }
}

/** Pairs of owners that had the same thing at the same time, each pair told once. */
export function findOverlaps(possessions: readonly Possession[]): string[] {
  const found: string[] = []
  const holders = Map.groupBy(possessions, ({ what }) => what)
  for (const [what, all] of holders) {
    let last: Possession | undefined
    for (const each of all.toSorted((a, b) => a.from - b.from)) {
      if (last && each.owner !== last.owner && each.from < Math.min(last.until, each.until)) {
        found.push(`${what} belonged to ${last.owner} and to ${each.owner} at ${each.from}`)
      }
      if (!last || each.until > last.until) last = each
    }
  }
  return found
}
