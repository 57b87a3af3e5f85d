import { expect, it } from 'vitest'
import { type Answer, TextAnswer, answererOf, jsonAnswer, toFetch, toResponse } from './answer.ts'

const request = new Request('http://a.example/')

it('a fetch handler makes a response of each answer, and is asked for the answer itself by who need not have one', async () => {
  const given = jsonAnswer({ size: 'ä' }, { status: 201, headers: { etag: '"a"' } })
  const fetch = toFetch(async (_request: Request): Promise<Answer> => given)
  const response = await fetch(request)
  expect([response.status, Object.fromEntries(response.headers)]).toEqual([
    201,
    { 'content-length': '13', 'content-type': 'application/json', etag: '"a"' },
  ])
  expect(await response.text()).toBe('{"size":"ä"}')
  expect(await answererOf(fetch)(request)).toBe(given)
})

it('what a host puts before a fetch handler is asked, not passed by', async () => {
  const fetch = toFetch(async (_request: Request): Promise<Answer> => jsonAnswer('ours'))
  const before = async (asked: Request): Promise<Response> =>
    asked.method === 'GET' ? new Response('refused', { status: 403 }) : fetch(asked)
  expect(await answererOf(before)(request)).toMatchObject({ status: 403 })
})

it('no body goes where none may be, and a stream that nobody wants is given up', async () => {
  for (const status of [204, 304]) {
    const response = await toResponse(new TextAnswer(status, { etag: '"a"' }), 'GET')
    expect([response.status, response.body, response.headers.get('etag')]).toEqual([status, null, '"a"'])
  }
  const head = await toResponse(jsonAnswer('said'), 'HEAD')
  expect([head.status, head.body, head.headers.get('content-length')]).toEqual([200, null, '6'])
  let isGivenUp = false
  const stream = new ReadableStream({ cancel: () => void (isGivenUp = true) })
  const response = await toResponse(new Response(stream, { headers: { 'x-of': 'a file' } }), 'HEAD')
  expect([response.body, response.headers.get('x-of'), isGivenUp]).toEqual([null, 'a file', true])
})
