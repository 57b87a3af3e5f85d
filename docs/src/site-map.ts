import type { Page } from './read-pages.ts'

export interface Entry {
  readonly text: string
  readonly link: string
}

export interface Section {
  readonly text: string
  readonly items: readonly Entry[]
  readonly collapsed?: boolean
}

/** Whose pages come first, and in which order. The rest of a folder follows by title: a new page needs no line here. */
const first = ['embed', 'operate', 'drivers', 'errors', 'settings', 'rest', 'cli', 'original']

/** What stands at the side: by folder, titles from the pages' own headings. */
export function siteMap(pages: readonly Page[]): Section[] {
  const section = (text: string, pattern: RegExp, more: Partial<Section> = {}): Section[] => {
    const items = pages.filter(({ path }) => pattern.test(path)).toSorted(byRank)
    return items.length === 0
      ? []
      : [{ text, items: items.map((page) => ({ text: page.title, link: linkOf(page.path) })), ...more }]
  }
  return [
    ...section('Guides', /^docs\/guides\/[^/]+\.md$/),
    ...section('How it is built and run', /^docs\/(?!index\.md)[^/]+\.md$/),
    ...section('Reference', /^docs\/reference\/[^/]+\.md$/),
    ...section('API', /^docs\/reference\/api\/.+\.md$/, { collapsed: true }),
    ...section('Packages', /^packages\/.+\.md$/, { collapsed: true }),
    ...section('Examples and bench', /^(examples|bench)\/.+\.md$/, { collapsed: true }),
    ...section('Decisions', /^docs\/decisions\/.+\.md$/, { collapsed: true }),
  ]
}

/** What people read, but for the front door, which the site has a page of its own for. */
export function isPage(path: string): boolean {
  return path.endsWith('.md') && path.includes('/') && !path.startsWith('..')
}

/** Where a page of the repository is on the site. */
export function sitePathOf(path: string): string {
  return path.replace(/^docs\//, '').replace(/README\.md$/, 'index.md')
}

const linkOf = (path: string): string => `/${sitePathOf(path).replace(/(index)?\.md$/, '')}`

function byRank(one: Page, other: Page): number {
  return rankOf(one) - rankOf(other) || keyOf(one).localeCompare(keyOf(other), 'en')
}

const nameOf = ({ path }: Page): string => path.split('/').at(-1)!.replace(/\.md$/, '')

function rankOf(page: Page): number {
  if (page.path.startsWith('docs/reference/api/')) return 0
  const rank = first.indexOf(nameOf(page))
  return rank < 0 ? first.length : rank
}

/** Decisions by their number, everything else by its title. */
const keyOf = (page: Page): string => (/^\d{4}-/.test(nameOf(page)) ? nameOf(page) : page.title)
