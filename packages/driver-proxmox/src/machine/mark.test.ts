import { expect, it } from 'vitest'
import { candidateIds, ownIds } from './candidate-ids.ts'
import { hostNameOf } from './host-name.ts'
import { readMark, tagOf, withMark, withTag } from './mark.ts'

it('a mark comes back as it was written, beside notes of people, and goes without a trace', () => {
  const marks = [
    { key: 'virtkit:7:a', unfinished: false },
    { key: 'Zz.9_-:'.padEnd(80, 'x'), unfinished: true },
    { key: 'k', unfinished: true, name: 'Größe (alt)' },
    { key: 'k', unfinished: false, name: 'db as web', hostName: 'db.example.com' },
    { key: 'k', unfinished: true, name: 'db', hostName: 'as' },
  ]
  for (const notes of ['', 'of the web team\n\nsince 2024', 'virtkit is fine']) {
    for (const mark of marks) {
      // Servers add a line break at the end.
      const written = `${withMark(notes, 101, mark)}\n`
      expect(readMark(written, 101)).toEqual(mark)
      expect(readMark(written, 102)).toBeUndefined()
      expect(withMark(written, 101, undefined)).toBe(notes)
      expect(readMark(withMark(written, 101, { key: 'other', unfinished: false }), 101)?.key).toBe('other')
    }
  }
  expect(readMark(undefined, 101)).toBeUndefined()
  expect(readMark(' virtkit: 101 k', 101)).toBeUndefined()
})

it('tags of others stay, ours is one that servers take', () => {
  expect(tagOf('K:1')).toMatch(/^[a-z0-9_][a-z0-9_-]*$/)
  const marked = withTag(['prod', tagOf('before')], 'K:1')
  expect(marked).toBe(`prod;${tagOf('K:1')}`)
  expect(withTag(marked.split(';'), undefined)).toBe('prod')
})

it('a key has its numbers for ever, each of the range comes once, and another key has others', () => {
  const range = { from: 10_000, to: 10_099 }
  const all = [...candidateIds('k', range)]
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => 10_000 + index))
  expect([...candidateIds('k', range)]).toEqual(all)
  expect(all.slice(0, 3)).toEqual(ownIds('k', range).slice(0, 3))
  expect(all.slice(0, 3)).not.toEqual(ownIds('l', range).slice(0, 3))
  expect([...candidateIds('k', { from: 500, to: 500 })]).toEqual([500])
})

it('a name becomes one that a server takes, and stays when it is one', () => {
  const names = ['web-1.example', 'Größe (alt)', '更新', '-a-.-b-', 'x'.repeat(80), 'two words']
  expect(names.map(hostNameOf)).toEqual(['web-1.example', 'Gro-e-alt', 'vm', 'a.b', 'x'.repeat(63), 'two-words'])
})
