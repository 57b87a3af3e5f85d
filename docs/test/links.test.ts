import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { apiPageOf, listDoors } from '../src/doors.ts'
import { anchorsOf, linksOf } from '../src/links.ts'
import { readPages } from '../src/read-pages.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
// What is made with the site need not lie there now.
const made = new Set(listDoors(root).map(({ name }) => `docs/reference/api/${apiPageOf(name)}`))
const pages = readPages(root)
const byPath = new Map(pages.map((page) => [page.path, page]))

it('every link of every page leads to a file, and to a heading that is there', () => {
  const links = pages.flatMap(linksOf)
  expect(links.length).toBeGreaterThan(60)
  const dead = links.filter(({ file, anchor }) => {
    if (made.has(file)) return false
    const page = byPath.get(file)
    return !existsSync(join(root, file)) || (anchor !== undefined && page !== undefined && !anchorsOf(page).has(anchor))
  })
  expect(dead.map(({ page, file, anchor }) => `${page}: ${file}${anchor === undefined ? '' : `#${anchor}`}`)).toEqual([])
})

it('every page has a title, and no two of a folder the same', () => {
  const named = pages.filter(({ path }) => path !== 'docs/index.md')
  expect(named.filter(({ path, title }) => path === title).map(({ path }) => path)).toEqual([])
  const titles = named.map(({ path, title }) => `${path.replace(/[^/]+$/, '')} ${title}`)
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
})
