import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { linksOf } from '../src/links.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('the page about security', () => {
  const page = read('docs/security.md')
  const promises = page.slice(page.indexOf('## What we promise'), page.indexOf('## What we do not promise'))
  const rows = promises.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| Promise'))

  it('promises nothing that no test holds', () => {
    expect(rows.length).toBeGreaterThan(15)
    for (const row of rows) {
      const held = linksOf({ path: 'docs/security.md', title: '', text: row }).map(({ file }) => file)
      expect([row, held.length]).not.toEqual([row, 0])
      // A test, or the cases that every driver's test runs; that it is there is checked with all links.
      expect(held.filter((file) => !/\.test\.ts$|^packages\/spi\/src\/conformance\//.test(file))).toEqual([])
    }
  })
})

describe('the page about the architecture', () => {
  const page = read('docs/architecture.md')

  it.each(readdirSync(join(root, 'packages')))('says what %s is', (name) => expect(page).toContain(name))

  it.each(rooms())('says where the room %s stands', (room) => expect(page).toMatch(new RegExp(`\\b${room}\\b`)))
})

function rooms(): string[] {
  const entries = readdirSync(join(root, 'packages/core/src'), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
