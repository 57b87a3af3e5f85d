import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './packages.ts'

const advisory = {
  id: 1,
  url: 'https://example.com/1',
  title: 'says anything to anybody',
  severity: 'high',
  vulnerable_versions: '*',
  cwe: [],
  cvss: { score: 0, vectorString: null },
}

/** Runs `npm run audit` against a registry that answers every question about weaknesses with this. */
async function auditAgainst(status: number, answer: object): Promise<{ code: number; output: string }> {
  const registry = createServer((request, response) => {
    const isAsked = request.method === 'POST' && request.url?.endsWith('/advisories/bulk')
    request.resume().on('end', () => {
      response.writeHead(isAsked ? status : 404, { 'content-type': 'application/json' })
      response.end(JSON.stringify(isAsked ? answer : {}))
    })
  })
  await once(registry.listen(0, '127.0.0.1'), 'listening')
  try {
    const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`
    const child = spawn(process.execPath, [join(root, 'test/packages/audit-main.ts')], {
      env: { ...process.env, npm_config_registry: url, npm_config_fetch_retries: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk))
    const [code] = (await once(child, 'close')) as [number]
    return { code, output }
  } finally {
    registry.closeAllConnections()
    registry.close()
  }
}

it('an audit says that nothing is known', async () => {
  const { code, output } = await auditAgainst(200, {})
  expect(output).toMatch(/^Nothing is known against [1-9]\d* production dependencies/)
  expect(code).toBe(0)
})

it('an audit names what is known', async () => {
  const { code, output } = await auditAgainst(200, { zod: [advisory] })
  expect(output).toContain('high: zod: says anything to anybody (https://example.com/1)\n')
  expect(code).toBe(1)
})

it('an audit that nobody answers is not a clean one', async () => {
  const { code, output } = await auditAgainst(405, {})
  expect(output).toMatch(/^The registry does not answer audits: 405/)
  expect(code).toBe(3)
})
