import { createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import { createRestServer } from '@virtkit/rest'
import { mkdtempSync, rmSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from './find-chromium.ts'

// What only a real browser can tell: whether it runs what we serve, under the policy that we serve it with.
const found = findChromium()
const user = { name: 'anna', password: 'correct horse battery' }

describe('in Chromium', () => {
  if ('missing' in found) {
    // oxlint-disable-next-line vitest/expect-expect -- it says why there are no others
    it('the same tests', (test) => test.skip(found.missing))
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-browser-'))
  const open = new AsyncDisposableStack()
  let browser: Browser
  let origin: string

  beforeAll(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }))
    const simulator = createSimulatedHypervisor()
    open.defer(() => simulator.close())
    const kit = open.use(
      await createVirtkit({ database: { sqlite: join(folder, 'virtkit.db') }, drivers: [simulator.driver] }),
    )
    await kit.users.add({ ...user, permissionGroups: ['administrator'] })
    const rest = open.use(createRestServer(kit, { cors: { origins: '*' } }))
    const server = await listen(rest.fetch)
    open.defer(() => void server.close())
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await chromium.launch({
      executablePath: found.program,
      // Root has no sandbox; what it opens is ours.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    })
    open.defer(() => browser.close())
  })
  afterAll(() => open.disposeAsync())

  it('the reference page shows every operation, asks no other host, and breaks no policy', async () => {
    const page = await browser.newPage()
    const complaints: string[] = []
    const asked: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('request', (request) => asked.push(request.url()))
    const answer = await page.goto(`${origin}/rest/v1/docs`)
    expect(answer!.headers()['content-security-policy']).toMatch(/script-src 'self';.*frame-ancestors 'none'/)
    await page.getByText('Virtkit', { exact: false }).first().waitFor()
    await page.locator('.opblock-tag').first().waitFor()
    const document = (await (await fetch(`${origin}/rest/v1/openapi.json`)).json()) as { tags: { name: string }[] }
    expect(await page.locator('.opblock-tag').count()).toBe(document.tags.length)
    await page.locator('.opblock-tag', { hasText: 'callbacks' }).click()
    await page.getByText('Create a callback').click()
    await page.getByText('errorcallbackurl').first().waitFor()
    expect(asked.map((url) => new URL(url).origin)).toEqual(asked.map((url) => (url.startsWith('data:') ? 'null' : origin)))
    expect(asked.length).toBeGreaterThan(3)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('the typed client works from a page of another origin, where that is admitted', async () => {
    const build = await rolldown({
      input: fileURLToPath(import.meta.resolve('@virtkit/rest/client')),
      platform: 'browser',
      resolve: { conditionNames: ['@virtkit/source', 'import', 'browser', 'default'] },
    })
    const { output } = await build.generate({ format: 'iife', name: 'virtkit' })
    await build.close()
    const elsewhere = await listen(
      async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
    )
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`)
    await page.evaluate(`${output[0].code}; globalThis.virtkit = virtkit`)
    const result = await page.evaluate(`(async () => {
      const client = virtkit.createClient(${JSON.stringify({ url: origin, user: user.name, password: user.password })})
      const urls = { callbackurl: 'https://a.example.com', errorcallbackurl: 'https://b.example.com' }
      const { key } = await client.callbacks.create(urls, { idempotencyKey: 'once' })
      const error = await client.callbacks.get({ key: 99 }).catch((error) => error)
      return [await client.callbacks.update({ key, ...urls, notes: 'from a browser' }), error.status, error.code, error.requestId]
    })()`)
    expect(result).toEqual([
      expect.objectContaining({ notes: 'from a browser' }),
      404,
      'NOT_FOUND',
      expect.stringMatching(/^[\da-f-]{36}$/),
    ])
    await page.close()
    elsewhere.close()
  })
})

/** As little of a server as these tests need. */
async function listen(handle: (request: Request) => Promise<Response>): Promise<Server> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of incoming) chunks.push(chunk as Uint8Array)
    const response = await handle(
      new Request(`http://${incoming.headers.host}${incoming.url}`, {
        method: incoming.method ?? 'GET',
        headers: new Headers(incoming.headers as Record<string, string>),
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      }),
    )
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return server
}
