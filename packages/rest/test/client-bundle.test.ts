import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { rolldown } from 'rolldown'
import { expect, it } from 'vitest'

it('the client has nothing of Node in it, and runs where nothing of Node is', async () => {
  const warnings: string[] = []
  const build = await rolldown({
    input: fileURLToPath(new URL('../src/client/index.ts', import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['@virtkit/source', 'import', 'browser', 'default'] },
    onLog: (_, { message }) => void warnings.push(message),
  })
  const { output } = await build.generate({ format: 'iife', name: 'virtkit', minify: true })
  await build.close()
  expect(warnings).toEqual([])
  expect(output.map(({ type, fileName }) => [type, fileName])).toEqual([['chunk', 'index.js']])
  const { code, imports, moduleIds } = output[0]
  expect(imports).toEqual([])
  expect(moduleIds.filter((id) => !/packages\/rest\/src\/(client|contract)\/|node_modules\/zod\//.test(id))).toEqual([])
  expect(code).not.toMatch(/\brequire\(|["']node:|\bBuffer\b/)
  expect(code.length).toBeLessThan(250_000)

  // What every browser has, and nothing else.
  const seen: Request[] = []
  const answer = async (request: Request) => {
    seen.push(request)
    return Response.json([], { status: 200 })
  }
  const web = { URL, URLSearchParams, Headers, Request, Response, FormData, Blob, File, TextEncoder, btoa, fetch: answer }
  const client = "virtkit.createClient({ url: 'https://a.example', user: 'anna', password: 'grün' })"
  const listed: unknown = await runInContext(`${code}; ${client}.callbacks.list()`, createContext({ ...web }))
  expect(listed).toEqual([])
  expect(seen.map(({ method, url, headers }) => [method, url, headers.get('authorization')])).toEqual([
    ['GET', 'https://a.example/rest/v1/callbacks', `Basic ${Buffer.from('anna:grün').toString('base64')}`],
  ])
})
