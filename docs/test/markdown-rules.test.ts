import { fileURLToPath } from 'node:url'
import { createMarkdownRenderer, disposeMdItInstance } from 'vitepress'
import { expect, it } from 'vitest'
import { plainPages } from '../src/markdown-rules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

async function render(text: string, page = 'docs/guides/page.md', sources?: string): Promise<string> {
  disposeMdItInstance() // it keeps the first one
  const md = await createMarkdownRenderer(root, { config: plainPages(root, sources) })
  return md.renderAsync(text, { path: `${root}${page}`, relativePath: page, cleanUrls: false })
}

it('what looks like a tag or a template is text, and comments are left out, but not of code', async () => {
  const html = await render('Give <name> and {{ it }}.\n\n<!-- run: tour -->\n\n```html\n<!-- kept -->\n```\n')
  expect(html).toContain('Give &lt;name&gt; and &#123;&#123; it }}.')
  expect(html).not.toContain('tour')
  expect(html).toContain('kept')
})

it('HTML is HTML on the front page', async () => {
  expect(await render('<em>hello</em>', 'docs/index.md')).toContain('<em>hello</em>')
})

it('links between files lead to pages of the site; to other files only where the repository can be read', async () => {
  const text = '[page](../../packages/cli/README.md#serve), [file](../../test/run.ts) and [far](https://example.com)'
  const html = await render(text)
  expect(html).toContain('href="/packages/cli/#serve"')
  expect(html).toContain(', file and ')
  expect(html).toContain('href="https://example.com"')
  expect(await render(text, undefined, 'https://git.example.com/tree')).toContain(
    'href="https://git.example.com/tree/test/run.ts"',
  )
})
