import { expect, it } from 'vitest'
import { z } from 'zod'
import { contract } from '../contract/contract.ts'
import type { OperationContract, Resource } from '../contract/operation.ts'
import { buildRequest } from './build-request.ts'

const paint: OperationContract = {
  method: 'POST',
  path: '/things/:key/paint',
  title: 'Paint',
  permission: 'things:write',
  params: z.strictObject({ key: z.int() }),
  query: z.strictObject({ wait: z.boolean().optional(), tags: z.array(z.string()).optional() }),
  body: z.strictObject({ colors: z.array(z.string()), coats: z.int().optional() }),
  result: z.object({}),
  origin: 'virtkit',
}
const url = 'https://a.example/rest/v1'

it('puts each field where the contract has it', async () => {
  const input = { key: 7, wait: true, tags: ['a', 'b&c'], colors: ['red'], coats: undefined }
  const request = buildRequest(url, paint, input, { idempotencyKey: 'k', ifMatch: '"1"', headers: { 'x-request-id': 'r' } })
  expect([request.method, request.url]).toEqual(['POST', `${url}/things/7/paint?wait=true&tags=a&tags=b%26c`])
  expect(await request.json()).toEqual({ colors: ['red'] })
  expect(Object.fromEntries(request.headers)).toEqual({
    accept: 'application/json, application/problem+json',
    'content-type': 'application/json',
    'idempotency-key': 'k',
    'if-match': '"1"',
    'x-request-id': 'r',
  })
})

it('sends along what the contract does not know, for the server to refuse', async () => {
  expect(await buildRequest(url, paint, { key: 1, size: 3 }, {}).json()).toEqual({ size: 3 })
  expect(buildRequest(url, { ...paint, method: 'GET' }, { key: 1, size: 3 }, {}).url).toMatch(/paint\?size=3$/)
})

it('keeps a key in its place in the path', () => {
  expect(buildRequest(url, paint, { key: '../../x?y' }, {}).url).toBe(`${url}/things/..%2F..%2Fx%3Fy/paint`)
})

it('sends files as files', async () => {
  const upload: OperationContract = { ...paint, path: '/photos', file: 'photo', params: undefined } as OperationContract
  const form = await buildRequest(url, upload, { photo: new File(['abc'], 'a.png'), coats: 2 }, {}).formData()
  expect([form.get('coats'), (form.get('photo') as File).name, await (form.get('photo') as File).text()]).toEqual([
    '2',
    'a.png',
    'abc',
  ])
})

it('no operation of the contract has a name in two places', () => {
  let checked = 0
  for (const operation of Object.values(contract as Record<string, Resource>).flatMap((resource) =>
    Object.values(resource),
  )) {
    const { params, query, body, file } = operation
    const names = [params, query, body].flatMap((fields) => Object.keys(fields?.shape ?? {})).concat(file ?? [])
    expect([operation.path, names]).toEqual([operation.path, [...new Set(names)]])
    checked++
  }
  expect(checked).toBeGreaterThan(5)
})
