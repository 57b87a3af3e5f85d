import { expect, it } from 'vitest'
import { docsPage } from './docs-page.ts'

it('the page asks for files below itself only, and has nothing inline', async () => {
  const page = await docsPage('/vm/rest/v1', undefined)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const text = await page.text()
  const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!)
  const files = addresses.filter((address) => address !== 'data:,')
  expect(files.length).toBe(3)
  for (const file of files) {
    expect(file).toMatch(/^\/vm\/rest\/v1\/docs\//)
    const answer = await docsPage('/vm/rest/v1', file.split('/').at(-1))
    expect((await answer.text()).length).toBeGreaterThan(100)
    expect(answer.headers.get('content-type')).toMatch(file.endsWith('.css') ? 'text/css' : 'text/javascript')
  }
  expect(text).not.toMatch(/<script>|<style|style=|onload/)
})

it.each(['package.json', 'index.html', '../package.json', '__proto__', 'constructor', ''])(
  'has no file %j',
  async (file) => {
    await expect(docsPage('/rest/v1', file)).rejects.toMatchObject({ status: 404 })
  },
)

it('says what to install where the viewer is not', async () => {
  const nowhere = () => {
    throw new Error('Cannot find module')
  }
  await expect(docsPage('/rest/v1', 'swagger-ui.css', nowhere)).rejects.toMatchObject({
    code: 'PEER_MISSING',
    details: { install: 'npm install swagger-ui-dist' },
  })
})
