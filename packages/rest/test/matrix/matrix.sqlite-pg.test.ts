import { eachDatabase } from '@virtkit/test-databases'
import { describe, expect, it } from 'vitest'
import { type Role, type Walked, everyOperation, keysNamed, openMatrixLab, roles, walked } from './matrix-lab.ts'
import { openCounted } from './counted-database.ts'
import type { Side } from './samples.ts'

// Every operation of the contract, by everybody, on what is theirs and what is not. A new operation is walked as soon as it has a
// line in samples.ts.

const ordinary = roles.filter((role) => role !== 'nobody' && role !== 'administrator')
const isGroups = ({ sample }: Walked): boolean => sample.scope === 'group'
/** A filter by what is somebody else’s leaves nothing, as one by what is not there. */
const isListOf = ({ sample }: Walked): boolean => sample.params === undefined && sample.body === undefined
const isRead = ({ operation }: Walked): boolean => operation.method === 'GET'
/** What differs when only keys differ. */
const butForKeys = (text: string): string => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+/g, '#')

it('every operation has a sample', () => {
  expect(everyOperation().flatMap(({ name, sample }) => (sample ? [] : [name]))).toEqual([])
})

eachDatabase((db) => {
  describe('every operation by everybody', () => {
    const each = async (
      some: readonly Walked[],
      by: readonly Role[],
      look: (walk: Walked, role: Role) => Promise<string | undefined>,
    ): Promise<string[]> => {
      const wrong: string[] = []
      for (const walk of some) {
        for (const role of by) {
          const problem = await look(walk, role)
          if (problem !== undefined) wrong.push(`${walk.name} by ${role}: ${problem}`)
        }
      }
      return wrong
    }

    // Decided before any database is asked: one is enough.
    it.runIf(db.engine === 'sqlite')(
      'who lacks the permission is refused, whatever it is about, and nothing happens',
      async () => {
        await using lab = await openMatrixLab(await db.options())
        const before = await lab.changes()
        const wrong = await each(walked, roles, async (walk, role) => {
          if (lab.mayCall(role, walk.operation)) return undefined
          const answer = await lab.call(walk, role, lab.own)
          const expected = role === 'nobody' ? 401 : 403
          if (answer.status !== expected) return `${answer.status} instead of ${expected}`
          if (role !== 'powerless') return undefined
          const missing = await lab.call(walk, role, lab.missing)
          return butForKeys(missing.text) === butForKeys(answer.text) ? undefined : `${answer.text} is not ${missing.text}`
        })
        expect(wrong).toEqual([])
        expect(await lab.changes()).toBe(before)
      },
    )

    it('what is somebody else’s answers exactly as what is not there, and nothing happens to it', async () => {
      await using lab = await openMatrixLab(await db.options())
      const before = await lab.changes()
      const wrong = await each(walked.filter(isGroups), ordinary, async (walk, role) => {
        if (!lab.mayCall(role, walk.operation)) return undefined
        const fenced = keysNamed(walk, lab.own).filter((name) => lab.missing[name] !== lab.own[name])
        // Each key by itself, so that one that is looked at first hides no other; to who is in no group, all are foreign.
        const sides = fenced.flatMap((name): [Side, Side][] => [
          [
            { ...lab.own, [name]: lab.foreign[name] },
            { ...lab.own, [name]: lab.missing[name] },
          ],
        ])
        if (role === 'groupless' && fenced.length > 0) sides.push([lab.own, lab.missing])
        for (const [side, without] of sides) {
          const answer = await lab.call(walk, role, side)
          const missing = await lab.call(walk, role, without)
          const seen = JSON.stringify({ side, ...answer })
          if (answer.status < 400 && !isListOf(walk) && !walk.sample.predicts) return `${answer.status}: ${seen}`
          if (answer.status !== missing.status)
            return `${answer.status} instead of ${missing.status}: ${answer.text} and ${missing.text}`
          if (butForKeys(answer.text) !== butForKeys(missing.text)) return `${answer.text} is not ${missing.text}`
          if (answer.headers !== missing.headers) return `${answer.headers} is not ${missing.headers}`
        }
        return undefined
      })
      expect(wrong).toEqual([])
      expect(await lab.changes()).toBe(before)
    })

    it('what is somebody else’s takes as long as what is not there', async () => {
      const location = await db.options()
      await using counted = openCounted(location)
      // Nothing else is to ask meanwhile.
      const quiet = { database: counted.options, operations: { pollMs: 60_000 } }
      await using lab = await openMatrixLab(location, quiet)
      const asked = async (walk: Walked, role: Role, side: Side): Promise<number> => {
        const counts: number[] = []
        // What the kit asks by itself now and then comes on top of some: the least is what the call asks.
        for (let time = 0; time < 4; time += 1) {
          const before = counted.count()
          await lab.call(walk, role, side)
          counts.push(counted.count() - before)
        }
        return Math.min(...counts)
      }
      const wrong = await each(walked.filter(isGroups), ['user'], async (walk, role) => {
        if (!lab.mayCall(role, walk.operation) || isListOf(walk)) return undefined
        const fenced = keysNamed(walk, lab.own).filter((name) => lab.missing[name] !== lab.own[name])
        for (const name of fenced) {
          const theirs = await asked(walk, role, { ...lab.own, [name]: lab.foreign[name] })
          const none = await asked(walk, role, { ...lab.own, [name]: lab.missing[name] })
          if (theirs !== none) return `${name}: ${theirs} statements instead of ${none}`
        }
        return undefined
      })
      expect(wrong).toEqual([])
    })

    it('a list says nothing of what is somebody else’s, nor how much of it there is', async () => {
      await using lab = await openMatrixLab(await db.options())
      const lists = walked.filter((walk) => isGroups(walk) && (walk.sample.predicts || (isRead(walk) && isListOf(walk))))
      const read = async (): Promise<Map<string, string>> => {
        const seen = new Map<string, string>()
        await each(lists, ordinary, async (walk, role) => {
          if (lab.mayCall(role, walk.operation))
            seen.set(`${walk.name} by ${role}`, JSON.stringify(await lab.call(walk, role, lab.own)))
          return undefined
        })
        return seen
      }
      const before = await read()
      await lab.addForeign()
      expect(await read()).toEqual(before)
      expect(before.size).toBeGreaterThan(2)
    })

    // The tests of each resource do this on both.
    it.runIf(db.engine === 'sqlite')('what is one’s own can be read, changed and deleted by who may', async () => {
      await using lab = await openMatrixLab(await db.options())
      const reads = await each(
        walked.filter(isRead),
        roles.filter((role) => role !== 'groupless'),
        async (walk, role) => {
          if (!lab.mayCall(role, walk.operation) || walk.sample.notCarriedOut !== undefined) return undefined
          const sides = role === 'administrator' ? [lab.own, lab.foreign] : [lab.own]
          for (const side of sides) {
            const { status, text } = await lab.call(walk, role, side)
            if ([401, 403, 404].includes(status) || status >= 500) return `${status}: ${text}`
          }
          return undefined
        },
      )
      expect(reads).toEqual([])
      const rank = ({ operation, sample }: Walked): number =>
        2 * (sample.order ?? 0) + Number(operation.method === 'DELETE')
      const changes = walked.filter((walk) => !isRead(walk) && walk.sample.notCarriedOut === undefined)
      const wrong: string[] = []
      for (const walk of changes.toSorted((a, b) => rank(a) - rank(b))) {
        // By the least of those who may.
        const role = roles.find((some) => some !== 'groupless' && lab.mayCall(some, walk.operation))!
        const { status, text } = await lab.call(walk, role, lab.own)
        if ([401, 403, 404].includes(status) || status >= 500) wrong.push(`${walk.name} by ${role}: ${status}: ${text}`)
      }
      expect(wrong).toEqual([])
    })
  })
})
