import { eachDatabase } from '@virtkit/test-databases'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type RestOptions, createRestServer } from '../src/index.ts'
import { checked } from './response-check.ts'
import { type RestLab, admin, basic, openRestLab } from './rest-lab.ts'

type Body = string | Uint8Array<ArrayBuffer>
type Ask = (method: string, path: string, headers?: Readonly<Record<string, string>>, body?: Body) => Promise<Response>

/** A server on the lab's kit, asked as the administrator, whose password is checked only once: that takes its time. */
async function serve({ kit }: RestLab, options: RestOptions = {}): Promise<Ask> {
  const actor = await kit.users.authenticate(admin.name, admin.password)
  const fetch = checked(createRestServer(kit, { authenticate: () => actor, ...options }).fetch)
  return (method, path, headers = {}, body) =>
    fetch(new Request(`http://lab${path}`, { method, headers, ...(body !== undefined && { body }) }))
}

const urls = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

eachDatabase((db) => {
  it('methods, headers and ids of requests are as HTTP has them', async () => {
    await using lab = await openRestLab(await db.options())
    const ask = await serve(lab, { cors: { origins: ['https://portal.example.com'] } })

    const got = await ask('GET', '/rest/v1/callbacks', { 'x-request-id': 'my-id.7' })
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'x-request-id': 'my-id.7',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      vary: 'Origin',
    })
    const made = await ask('GET', '/rest/v1/callbacks', { 'x-request-id': 'no id; at all' })
    expect(made.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)

    const head = await ask('HEAD', '/rest/v1/callbacks')
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'application/json', ''])
    expect((await ask('HEAD', '/rest/v1/callbacks/1')).status).toBe(404)

    const refused = await ask('DELETE', '/rest/v1/callbacks')
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD, OPTIONS'])
    expect((await ask('PATCH', '/rest/v1/callbacks/1')).headers.get('allow')).toBe('GET, PUT, DELETE, HEAD, OPTIONS')
    expect((await ask('POST', '/rest/v2/callbacks')).status).toBe(404)
    const elsewhere = (await (await ask('GET', '/rest/v10/x')).json()) as { instance: string }
    expect(elsewhere.instance).toBe('/rest/v10/x')
    for (const root of ['/rest/v1', '/rest/v1/']) expect((await ask('GET', root)).status).toBe(200)

    const options = await ask('OPTIONS', '/rest/v1/callbacks', {})
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS'])
    const preflight = await ask('OPTIONS', '/rest/v1/callbacks', {
      origin: 'https://portal.example.com',
      'access-control-request-method': 'POST',
    })
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': 'https://portal.example.com',
      'access-control-allow-methods': 'POST, GET, HEAD, OPTIONS',
    })

    const foreign = { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
    expect((await ask('POST', '/rest/v1/callbacks', { ...foreign, ...json }, JSON.stringify(urls))).status).toBe(403)
    expect(await lab.kit.callbacks.list()).toEqual([])

    const problem = await ask('GET', '/rest/v1/callbacks/9', { accept: 'application/problem+json' })
    expect(problem.headers.get('content-type')).toBe('application/problem+json')
    expect(await problem.json()).toMatchObject({
      type: 'urn:virtkit:error:not_found',
      status: 404,
      code: 'NOT_FOUND',
      outcome: 'did-not-happen',
      instance: '/callbacks/9',
    })

    const told: unknown[] = []
    const broken = await serve(lab, {
      authenticate: () => {
        throw new Error('secret of ours')
      },
      onError: (error, about) => told.push(error, about),
    })
    const failed = await broken('GET', '/rest/v1/callbacks', { 'x-request-id': 'find-me' })
    expect(failed.status).toBe(500)
    expect(await failed.text()).not.toContain('secret')
    expect(told).toEqual([new Error('secret of ours'), { requestId: 'find-me', method: 'GET', path: '/callbacks' }])

    const limited = await serve(lab, { rateLimit: { perMinute: 1, burst: 2 } })
    const tries = [basic(admin), basic(admin), basic(admin), basic({ name: 'otto', password: '' })]
    const answers: Response[] = []
    for (const authorization of tries) answers.push(await limited('GET', '/rest/v1/callbacks', { authorization }))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200])
    expect(Number(answers[2]!.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('whatever comes is answered, and never as a fault of ours', async () => {
    await using lab = await openRestLab(await db.options())
    const ask = await serve(lab)
    const post = (body: Body, headers: Readonly<Record<string, string>> = json) =>
      ask('POST', '/rest/v1/callbacks', headers, body)
    const traps: [Body, Record<string, string>, number][] = [
      ['{"callbackurl":"https://a.example","callbackurl":"https://b.example"}', json, 400],
      [JSON.stringify(urls).replace('}', ',"__proto__":{"notes":"x"}}'), json, 400],
      [JSON.stringify({ ...urls, notes: 'a\0b' }), json, 400],
      [JSON.stringify(urls).replace('}', ',"notes":"\\ud800"}'), json, 400],
      [JSON.stringify({ ...urls, notes: { a: 1 } }), json, 400],
      ['['.repeat(100_000), json, 400],
      ['{"a":'.repeat(1000) + '1' + '}'.repeat(1000), json, 400],
      ['null', json, 400],
      ['callbackurl[0]=https://a.example&callbackurl[2]=x', form, 400],
      ['callbackurl=%zz', form, 400],
      [
        'callbackurl=https://a.example&errorcallbackurl=https://b.example&notes=%00',
        { 'content-type': 'application/x-www-form-urlencoded' },
        400,
      ],
      ['x'.repeat(10_000_000), json, 413],
      [JSON.stringify(urls), { 'content-type': 'text/plain' }, 415],
      ['<x/>', { 'content-type': 'application/xml' }, 415],
    ]
    for (const [body, headers, status] of traps) expect((await post(body, headers)).status).toBe(status)
    const at = async (path: string) => (await ask('GET', path)).status
    expect(await at('/rest/v1/callbacks?x=%')).toBe(400)
    expect(await at('/rest/v1/callbacks?__proto__=1')).toBe(400)
    for (const key of ['%00', '%', '%ff', '-1', '1e3', '99999999999999999999', '1%2F..', '__proto__'])
      expect(await at(`/rest/v1/callbacks/${key}`)).toBe(404)
    expect(await lab.kit.callbacks.list()).toEqual([])

    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.constant('https://a.example'))
    const fields = fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(urls), 'notes', '__proto__'), fc.string()), value)
    const bodies = fc.oneof(
      fc.string(),
      fields.map((each) => JSON.stringify(each)),
      fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    )
    const types = fc.constantFrom(
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/json; charset=utf-16',
    )
    const paths = fc.oneof(
      fc.constantFrom('/rest/v1/callbacks', '/rest/v1/callbacks/1'),
      fc.webPath().map((path) => `/rest/v1${path}`),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH'),
        paths,
        types,
        bodies,
        async (method, path, type, body) => {
          const { status } = await ask(method, path, { 'content-type': type }, body)
          expect(status).toBeGreaterThanOrEqual(200)
          expect(status).toBeLessThan(500)
        },
      ),
      { numRuns: 150 },
    )
  })
})
