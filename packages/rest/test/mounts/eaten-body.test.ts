import express from 'express'
import Koa from 'koa'
import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { mountExpress } from '../../src/mounts/express.ts'
import { mountKoa } from '../../src/mounts/koa.ts'
import { type RunningHost, answering, listen } from './hosts.ts'

/** Answers what it was sent. */
const echo = answering(async (request) =>
  Response.json({
    body: await request.text(),
    type: request.headers.get('content-type'),
    length: request.headers.get('content-length'),
  }),
)

const form = 'application/x-www-form-urlencoded'

async function post(host: RunningHost, type: string, body: string | Uint8Array<ArrayBuffer>, headers: object = {}) {
  const answer = await fetch(`${host.url}/vm/x`, { method: 'POST', body, headers: { 'content-type': type, ...headers } })
  return { status: answer.status, ...((await answer.json()) as { body?: string; type?: string; errors?: string[] }) }
}

/** An application whose parsers come first. */
function parsing(...parsers: express.RequestHandler[]): Promise<RunningHost> {
  const app = express()
  for (const parser of parsers) app.use(parser)
  app.use('/vm', mountExpress(echo))
  return listen(app)
}

it('a body that the host has parsed comes to us again', async () => {
  await using host = await parsing(express.json({ strict: false }), express.urlencoded({ extended: true }), express.text())
  const json = { name: 'web-1', users: [1, 2], nested: { a: null } }
  expect(await post(host, 'application/json; charset=utf-8', JSON.stringify(json))).toEqual({
    status: 200,
    body: JSON.stringify(json),
    type: 'application/json',
    length: null,
  })
  expect(await post(host, 'application/json', '"a text"')).toMatchObject({ status: 200, body: '"a text"' })
  const sent = await post(host, form, 'name=a%26b+%C3%BC&users[]=1&users[]=2&users[]=3&on=true')
  const fields = [...new URLSearchParams(sent.body)]
  expect(fields).toEqual([
    ['name', 'a&b ü'],
    ['users[0]', '1'],
    ['users[1]', '2'],
    ['users[2]', '3'],
    ['on', 'true'],
  ])
  expect(await post(host, 'text/plain; charset=latin1', new Uint8Array([0xfc]))).toMatchObject({
    body: 'ü',
    type: 'text/plain; charset=utf-8',
  })
})

it('what the host has unpacked is not said to be packed', async () => {
  await using host = await parsing(express.json())
  const { gzipSync } = await import('node:zlib')
  const packed = new Uint8Array(gzipSync('{"name":"web-1"}'))
  const headers = { 'content-encoding': 'gzip' }
  expect(await post(host, 'application/json', packed, headers)).toMatchObject({ body: '{"name":"web-1"}', length: null })
})

it('bytes that the host has kept are taken as they were', async () => {
  const body = '{ "key": 12345678901234567890 }'
  const keep = (request: IncomingMessage, _: unknown, bytes: Buffer): void =>
    void Object.assign(request, { rawBody: Buffer.from(bytes) })
  await using kept = await parsing(express.json({ verify: keep }))
  expect(await post(kept, 'application/json', body)).toMatchObject({ status: 200, body })
  await using raw = await parsing(express.raw({ type: '*/*' }))
  expect(await post(raw, 'application/json', body)).toMatchObject({ status: 200, body })
})

it('a body that no parser of the host was for is read as it comes', async () => {
  await using host = await parsing(express.json(), express.urlencoded({ extended: false }))
  expect(await post(host, 'multipart/form-data; boundary=x', '--x--')).toMatchObject({ status: 200, body: '--x--' })
  const none = await fetch(`${host.url}/vm/x`, { method: 'POST', headers: { 'content-type': 'application/json' } })
  expect([none.status, await none.json()]).toMatchObject([200, { body: '' }])
})

it('a body that is lost is said to be, with the way out', async () => {
  const swallow: express.RequestHandler = (request, _response, next) => void request.resume().once('end', () => next())
  await using host = await parsing(swallow)
  const refused = await post(host, 'multipart/form-data; boundary=x', '--x--')
  expect(refused.status).toBe(500)
  expect(refused.errors?.join('')).toMatch(
    /^body: was read before it came here.*\(multipart\/form-data\).*mount Virtkit before/,
  )
})

it('a parser of Koa leaves the body elsewhere, and it is found', async () => {
  const app = new Koa()
  app.use(async (context, next) => {
    let text = ''
    for await (const chunk of context.req) text += String(chunk)
    Object.assign(context.request, { body: JSON.parse(text), rawBody: text })
    await next()
  })
  app.use(mountKoa(echo))
  await using host = await listen(app.callback())
  const body = '{ "name" : "web-1" }'
  expect(await post(host, 'application/json', body)).toMatchObject({ status: 200, body })
})
