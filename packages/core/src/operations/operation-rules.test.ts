import { VirtkitError } from '@virtkit/spi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Limits, type Queue, isOutage, queueOf, retryDelayMs, takeTurns } from './operation-rules.ts'

const queue = (cluster: number | undefined, group: number, due: number, turn = 0): Queue => ({
  name: queueOf({ group, ...(cluster === undefined ? {} : { cluster }) }),
  due,
  turn,
})
const to = (ofCluster: number | Limits['ofCluster'], ofGroup: Limits['ofGroup'] = () => Infinity): Limits => ({
  ofCluster: typeof ofCluster === 'number' ? () => ofCluster : ofCluster,
  ofGroup,
})
const none: ReadonlyMap<string, number> = new Map()

describe('turns', () => {
  it('alternate between groups, however much one of them has queued', () => {
    const turns = takeTurns({ queues: [queue(1, 1, 500), queue(1, 2, 5)], running: none, room: 6, limits: to(16) })
    expect(turns).toEqual(['1/1', '1/2', '1/1', '1/2', '1/1', '1/2'])
  })

  it('go to the group of which the fewest are worked on, then to the one that was served the longest ago', () => {
    const queues = [queue(1, 1, 9, 3), queue(1, 2, 9, 2), queue(1, 3, 9, 1)]
    const running = new Map([['1/3', 2]])
    expect(takeTurns({ queues, running, room: 5, limits: to(16) })).toEqual(['1/2', '1/1', '1/2', '1/1', '1/3'])
  })

  it('a cluster that is full leaves the room to others; what belongs to no cluster has no limit', () => {
    const queues = [queue(1, 1, 9), queue(2, 1, 9), queue(undefined, 1, 3)]
    const running = new Map([['1/2', 4]])
    const turns = takeTurns({ queues, running, room: 16, limits: to((cluster) => (cluster === 1 ? 4 : 2)) })
    expect(turns.toSorted()).toEqual(['/1', '/1', '/1', '2/1', '2/1'])
  })

  it('a group that has enough under way leaves the room to others, on whichever cluster', () => {
    const queues = [queue(1, 1, 9), queue(2, 1, 9), queue(undefined, 1, 9), queue(1, 2, 3)]
    const running = new Map([['3/1', 1]])
    const turns = takeTurns({ queues, running, room: 16, limits: to(16, (group) => (group === 1 ? 3 : 16)) })
    expect(turns.toSorted()).toEqual(['1/1', '1/2', '1/2', '1/2', '2/1'])
  })

  const world = fc.record({
    limits: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 3 }),
    groupLimit: fc.integer({ min: 1, max: 8 }),
    room: fc.integer({ min: 0, max: 16 }),
    queues: fc.uniqueArray(
      fc.record({
        cluster: fc.integer({ min: 0, max: 2 }),
        group: fc.integer({ min: 1, max: 6 }),
        due: fc.nat(8),
        turn: fc.nat(20),
        running: fc.nat(3),
      }),
      { selector: ({ cluster, group }) => `${cluster}/${group}` },
    ),
  })

  it('never get above a limit, never take what is not due, and leave nothing for which there is room', () => {
    fc.assert(
      fc.property(world, ({ limits, groupLimit, room, queues }) => {
        const running = new Map(queues.map((each) => [queueOf(each), each.running]))
        const turns = takeTurns({
          queues: queues.map((each) => ({ name: queueOf(each), due: each.due, turn: each.turn })),
          running,
          room,
          limits: to(
            (cluster) => limits[cluster]!,
            () => groupLimit,
          ),
        })
        expect(turns.length).toBeLessThanOrEqual(room)
        const taken = (name: string): number => turns.filter((turn) => turn === name).length
        const isFull = (of: (typeof queues)[number][], limit: number): boolean => {
          const before = of.reduce((sum, each) => sum + each.running, 0)
          const after = of.reduce((sum, each) => sum + each.running + taken(queueOf(each)), 0)
          expect(after).toBeLessThanOrEqual(Math.max(before, limit))
          return after >= limit
        }
        const fullClusters = limits.map((limit, cluster) =>
          isFull(
            queues.filter((each) => each.cluster === cluster),
            limit,
          ),
        )
        const fullGroups = [0, 1, 2, 3, 4, 5, 6].map((group) =>
          isFull(
            queues.filter((each) => each.group === group),
            groupLimit,
          ),
        )
        for (const each of queues) {
          expect(taken(queueOf(each))).toBeLessThanOrEqual(each.due)
          if (taken(queueOf(each)) < each.due && turns.length < room)
            expect(fullClusters[each.cluster]! || fullGroups[each.group]!).toBe(true)
        }
      }),
    )
  })

  it('nobody starves: of queues that always have work, each is served once in every round of all', () => {
    const demand = fc.record({
      limit: fc.integer({ min: 1, max: 5 }),
      room: fc.integer({ min: 1, max: 8 }),
      turns: fc.array(fc.nat(50), { minLength: 2, maxLength: 8 }),
    })
    fc.assert(
      fc.property(demand, ({ limit, room, turns }) => {
        const names = turns.map((_, group) => queueOf({ cluster: 1, group }))
        const lastTurnOf = new Map(names.map((name, index) => [name, turns[index]!]))
        const served: string[] = []
        // Each round everything that was begun ends.
        while (served.length < names.length * 4) {
          const queues = names.map((name) => ({ name, due: 100, turn: lastTurnOf.get(name)! }))
          const last = Math.max(...lastTurnOf.values())
          const now = takeTurns({ queues, running: none, room, limits: to(limit) })
          now.forEach((name, index) => lastTurnOf.set(name, last + index + 1))
          served.push(...now)
        }
        // In the first round those that were served long ago come first; from then on it is strictly one after the other.
        for (let from = 0; from + names.length <= served.length; from += names.length) {
          expect(new Set(served.slice(from, from + names.length)).size).toBe(names.length)
        }
      }),
    )
  })
})

it('an outage of the database is told from its refusal', () => {
  const unavailable = (reason: 'locked' | 'unreachable' | 'refused' | 'corrupt' | 'closed'): VirtkitError =>
    new VirtkitError('DATABASE_UNAVAILABLE', 'No.', { details: { engine: 'sqlite', reason } })
  const reasons = ['locked', 'unreachable', 'refused', 'corrupt', 'closed'] as const
  expect(reasons.filter((reason) => isOutage(unavailable(reason)))).toEqual(['locked', 'unreachable', 'closed'])
})

it('waits twice as long after each failure, at most half a minute, or as long as asked', () => {
  const gone = new VirtkitError('HYPERVISOR_UNAVAILABLE', 'Gone.', { details: {} })
  expect([1, 2, 3, 6, 60].map((attempt) => retryDelayMs(gone, attempt))).toEqual([1000, 2000, 4000, 30_000, 30_000])
  const busy = new VirtkitError('HYPERVISOR_BUSY', 'Busy.', { details: { retryAfterMs: 7 } })
  expect(retryDelayMs(busy, 5)).toBe(7)
})
