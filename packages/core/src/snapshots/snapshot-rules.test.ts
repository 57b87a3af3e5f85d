import type { SnapshotInfo, SnapshotTree } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import {
  branchOf,
  parseRemoval,
  parseSnapshotChange,
  parseSnapshotInput,
  parseSnapshotKeys,
  takenSince,
  toSnapshots,
} from './snapshot-rules.ts'

const info = (id: string, more: Partial<SnapshotInfo> = {}): SnapshotInfo => ({
  id,
  name: `name of ${id}`,
  description: '',
  createdAt: 1000,
  memory: false,
  ...more,
})

// a ─ b ─ d
//   └ c
const tree: SnapshotTree = {
  current: 'd',
  snapshots: [info('a'), info('b', { parent: 'a' }), info('c', { parent: 'a' }), info('d', { parent: 'b' })],
}

const problemsOf = (work: () => unknown): readonly { field: string }[] => {
  try {
    work()
  } catch (error) {
    return (error as { details: { problems: readonly { field: string }[] } }).details.problems
  }
  return []
}

describe('the input of a snapshot', () => {
  it('has defaults for all but the name', () => {
    expect(parseSnapshotInput({ name: 'before' })).toEqual({
      name: 'before',
      description: '',
      memory: false,
      quiesce: false,
    })
  })

  it('takes any characters and descriptions of several lines', () => {
    const input = { name: 'größe 🗻 "x"', description: 'first\n\tsecond', memory: true, quiesce: true }
    expect(parseSnapshotInput(input)).toEqual(input)
  })

  it('names every problem', () => {
    const input = { name: 'a\nb', description: 'x'.repeat(401), memory: 1, disk: 3 }
    expect(problemsOf(() => parseSnapshotInput(input)).map(({ field }) => field)).toEqual([
      'name',
      'description',
      'memory',
      'disk',
    ])
  })

  it.each([[''], ['x'.repeat(81)], ['a\u0000'], ['half a character \ud800'], [undefined]])(
    'refuses the name %j',
    (name) => {
      expect(problemsOf(() => parseSnapshotInput({ name }))).toMatchObject([{ field: 'name' }])
    },
  )

  it.each([['a\u0000'], ['a\u001b[0m'], ['\udfff']])('refuses the description %j', (description) => {
    expect(problemsOf(() => parseSnapshotInput({ name: 'x', description }))).toMatchObject([{ field: 'description' }])
  })
})

describe('other inputs', () => {
  it('a change must change something', () => {
    expect(problemsOf(() => parseSnapshotChange({}))).toHaveLength(1)
    expect(parseSnapshotChange({ description: '' })).toEqual({ description: '' })
    expect(problemsOf(() => parseSnapshotChange({ name: '' }))).toMatchObject([{ field: 'name' }])
  })

  it('a removal spares the children unless told otherwise', () => {
    expect(parseRemoval({})).toEqual({ children: false })
    expect(parseRemoval({ children: true })).toEqual({ children: true })
    expect(problemsOf(() => parseRemoval({ child: true }))).toMatchObject([{ field: 'child' }])
  })

  it('keys are numbers, at least one, each once', () => {
    expect(parseSnapshotKeys([3, 1, 3])).toEqual([3, 1])
    expect(problemsOf(() => parseSnapshotKeys([]))).toMatchObject([{ field: 'keys' }])
    expect(problemsOf(() => parseSnapshotKeys([1, 0]))).toMatchObject([{ field: 'keys[1]' }])
  })
})

describe('a tree in our words', () => {
  it('has our numbers, also for parents, and tells what is current', () => {
    const numbers = new Map([...'abcd'].map((id, index) => [id, 10 + index]))
    expect(toSnapshots(tree, numbers).map(({ key, id, parent, current }) => [key, id, parent, current])).toEqual([
      [10, 'a', undefined, false],
      [11, 'b', 10, false],
      [12, 'c', 10, false],
      [13, 'd', 11, true],
    ])
  })

  it('has the names from the root as its path, in which a name is one step', () => {
    const odd = { snapshots: [info('a', { name: 'a/b' }), info('b', { name: '100%', parent: 'a' })] }
    const numbers = new Map([
      ['a', 1],
      ['b', 2],
    ])
    expect(toSnapshots(odd, numbers).map(({ path }) => path)).toEqual(['/a%2fb', '/a%2fb/100%25'])
  })
})

describe('finding what a lost answer made', () => {
  const request = { name: 'nightly', description: 'by cron' }

  it('is the new one of that name', () => {
    const mine = info('e', request)
    expect(takenSince({ snapshots: [...tree.snapshots, mine] }, ['a', 'b', 'c', 'd'], request)).toEqual([mine])
  })

  it('is never one that was there before, whatever its name', () => {
    expect(takenSince({ snapshots: [info('a', request)] }, ['a'], request)).toEqual([])
  })

  it('is never one of another name or description', () => {
    const others = [info('e', { ...request, name: 'Nightly' }), info('f', { ...request, description: '' })]
    expect(takenSince({ snapshots: others }, [], request)).toEqual([])
  })
})

it.each([
  ['a', ['a', 'b', 'c', 'd']],
  ['b', ['b', 'd']],
  ['d', ['d']],
])('the branch of %s is %j', (id, branch) => {
  expect(branchOf(tree, id)).toEqual(branch)
})
