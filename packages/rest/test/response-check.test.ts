import { expect, it } from 'vitest'
import { checked, responseCheck } from './response-check.ts'

const callback = {
  key: 1,
  callbackurl: 'https://a.example.com',
  errorcallbackurl: 'https://b.example.com',
  installcallbackurl: '',
  deletecallbackurl: '',
  notes: '',
}
const error = { errors: ['no'], timestamp: 1, statuscode: 404, instance: '/callbacks/1' }
const get = (answer: unknown, status = 200, path = '/callbacks/1') =>
  responseCheck()('GET', `/rest/v1${path}`, Response.json(answer, { status }))

it.each([
  [callback, 200, '/callbacks/1'],
  [[callback], 200, '/callbacks'],
  [error, 404, '/callbacks/1'],
  [error, 404, '/nothing/here'],
])('an answer as in the document passes', async (answer, status, path) => {
  await expect(get(answer, status, path)).resolves.toBeUndefined()
})

it.each([
  ['a field that is missing', { ...callback, notes: undefined }, 200],
  ['a field of another type', { ...callback, key: '1' }, 200],
  ['a field that nobody has documented', { ...callback, password: 'secret' }, 200],
  ['a list in place of one', [callback], 200],
  ['a status that is not documented', callback, 201],
  ['an error without its form', { message: 'no' }, 404],
])('an answer with %s does not', async (_, answer, status) => {
  await expect(get(answer, status)).rejects.toThrow('in the document')
})

it('nor does another kind of content, or none, or an answer where nothing is', async () => {
  await expect(responseCheck()('GET', '/rest/v1/callbacks', new Response('[]'))).rejects.toThrow('text/plain')
  await expect(responseCheck()('GET', '/rest/v1/callbacks', new Response(null))).rejects.toThrow('without a body')
  await expect(get(callback, 200, '/nothing/here')).rejects.toThrow('in the document')
})

it('a server that is held against the document cannot answer it', async () => {
  const server = checked(async () => Response.json([{ ...callback, secret: 'whsec_…' }]))
  await expect(server(new Request('http://lab/rest/v1/callbacks'))).rejects.toThrow('must NOT have additional properties')
})
