import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from './find-chromium.ts'

// The site as readers have it: built, served as files, and looked at by a browser that is not ours.
const found = findChromium()
const built = resolve('docs/.vitepress/dist')
const kinds: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

beforeAll(async () => {
  // Fails when a link between pages is dead.
  await promisify(execFile)('npm', ['run', '--silent', 'docs'], { env: { ...process.env, NO_COLOR: '1' } })
}, 300_000)

it('the site has every page, with none of the marks that are for tests', async () => {
  for (const page of [
    'index',
    'guides/embed',
    'guides/operate',
    'guides/drivers',
    'reference/errors',
    'reference/api/core',
  ])
    expect(await readFile(join(built, `${page}.html`), 'utf8')).not.toMatch(/&lt;!-- |<!-- (run|prints|from|with)/)
})

describe('in Chromium', () => {
  if ('missing' in found) {
    // oxlint-disable-next-line vitest/expect-expect -- it says why there are no others
    it('the same site', (test) => test.skip(found.missing))
    return
  }
  let server: Server
  let browser: Browser
  let origin: string
  beforeAll(async () => {
    server = await serve(built)
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    // Root has no sandbox; what it opens is ours.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    browser = await chromium.launch({ executablePath: found.program, args })
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  it('is read from its front page to the reference, in light and dark, on a desk and on a phone, and asks no other host', async () => {
    for (const [colorScheme, viewport] of [
      ['light', { width: 1280, height: 800 }],
      ['dark', { width: 390, height: 844 }],
    ] as const) {
      const page = await browser.newPage({ colorScheme, viewport })
      const seen = watch(page)
      await page.goto(origin)
      await page.getByRole('link', { name: 'Embed it' }).first().click()
      await page.getByRole('heading', { name: 'Embed it', level: 1 }).waitFor()
      expect(await page.locator('.vp-code, pre').first().isVisible()).toBe(true)
      for (const path of [
        '/architecture',
        '/security',
        '/reference/errors',
        '/reference/support-matrix',
        '/reference/api/core',
      ]) {
        await page.goto(`${origin}${path}.html`)
        await page.locator('main h1').waitFor()
        expect([path, await overflow(page)]).toEqual([path, 0])
      }
      expect(seen.complaints).toEqual([])
      expect(seen.asked.length).toBeGreaterThan(20)
      expect(seen.asked.filter((url) => !url.startsWith('data:') && new URL(url).origin !== origin)).toEqual([])
      await page.close()
    }
  })

  it('what is looked for is found, without a server', async () => {
    const page = await browser.newPage()
    const seen = watch(page)
    await page.goto(`${origin}/guides/operate.html`)
    await page
      .getByRole('button', { name: /search/i })
      .first()
      .click()
    await page.getByRole('searchbox').fill('CONTINGENT_EXCEEDED')
    await page.locator('#localsearch-list a[href*="/reference/errors"]').first().click()
    await page.waitForURL(/\/reference\/errors/)
    await page.getByRole('heading', { name: 'CONTINGENT_EXCEEDED' }).first().waitFor()
    expect(seen.complaints).toEqual([])
    await page.close()
  })
})

interface Seen {
  readonly complaints: string[]
  readonly asked: string[]
}

function watch(page: Page): Seen {
  const seen: Seen = { complaints: [], asked: [] }
  page.on(
    'console',
    (message) => void (['error', 'warning'].includes(message.type()) && seen.complaints.push(message.text())),
  )
  page.on('pageerror', ({ message }) => seen.complaints.push(message))
  page.on('request', (request) => seen.asked.push(request.url()))
  page.on(
    'response',
    (response) => void (response.status() >= 400 && seen.complaints.push(`${response.status()} ${response.url()}`)),
  )
  return seen
}

/** By how many pixels a page is wider than the window. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate('Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)')

/** Files, as any server would. */
async function serve(folder: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://site').pathname).replace(/\/$/, '/index.html')
    const content = await readFile(join(folder, path)).catch(() => undefined)
    response
      .writeHead(content ? 200 : 404, { 'content-type': kinds[extname(path)] ?? 'application/octet-stream' })
      .end(content)
  })
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  return server
}
