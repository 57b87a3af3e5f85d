import { dirname, join, relative } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { isPage, sitePathOf } from './site-map.ts'

interface Env {
  readonly path?: string
  /** Before the site's own paths took its place. */
  readonly realPath?: string
}

/** The file of the page that is rendered. */
const pageOf = (env: Env): string | undefined => env.realPath ?? env.path

/** Pages in which HTML is HTML: the front page, and what TypeDoc writes. */
const withHtml = /\/docs\/(index\.md|reference\/api\/)/

/**
 * Our pages are Markdown and nothing else: `<name>` and `{{ name }}` are text in them, and comments are for the tests. Links to files
 * that are no pages lead to `sources`, where the repository can be read; without it they are names.
 */
export function plainPages(root: string, sources: string | undefined): (md: MarkdownRenderer) => void {
  return (md) => {
    md.core.ruler.before('block', 'plain', (state) => {
      const isPlain = !withHtml.test(pageOf(state.env as Env) ?? '')
      state.md.options.html = !isPlain
      if (isPlain) state.src = withoutComments(state.src)
    })
    md.core.ruler.after('inline', 'files', (state) => {
      const page = pageOf(state.env as Env)
      if (page === undefined) return
      for (const { children } of state.tokens) {
        const names: boolean[] = []
        for (const token of children ?? []) {
          if (token.type === 'link_open') names.push(!lead(token, root, page, sources))
          const isName = token.type === 'link_close' ? names.pop() : token.type === 'link_open' && names.at(-1)
          if (isName) Object.assign(token, { type: 'text', tag: '', content: '', nesting: 0, attrs: null })
        }
      }
    })
    const text = md.renderer.rules.text!
    md.renderer.rules.text = (...given) => text(...given).replaceAll('{{', '&#123;&#123;')
  }
}

interface Link {
  attrGet(name: 'href'): string | null
  attrSet(name: 'href', value: string): void
}

/** Has a link between files lead to what the site has for it. False: it has nothing. */
function lead(link: Link, root: string, page: string, sources: string | undefined): boolean {
  const [target = '', hash = ''] = (link.attrGet('href') ?? '').split(/(?=#)/)
  if (target === '' || /^(\w+:|\/)/.test(target)) return true
  const file = relative(root, join(dirname(page), target))
  if (isPage(file)) link.attrSet('href', `/${sitePathOf(file)}${hash}`)
  else if (sources !== undefined) link.attrSet('href', `${sources}/${file}`)
  return isPage(file) || sources !== undefined
}

/** Without lines of comments that are not in a block of code. */
export function withoutComments(text: string): string {
  let isCode = false
  return text
    .split('\n')
    .filter((line) => {
      if (/^\s*(```|~~~)/.test(line)) isCode = !isCode
      return isCode || !/^<!-- .* -->$/.test(line)
    })
    .join('\n')
}
