import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readBody } from './read-body.ts'

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

const schema = z.strictObject({ name: z.string().optional(), size: z.int().optional() })
const post = (body: Body, headers: Readonly<Record<string, string>> = {}) =>
  new Request('http://a.example/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
const read = (body: Body, headers?: Readonly<Record<string, string>>) => readBody(post(body, headers), schema, 1000)
const json = { 'content-type': 'application/json' }
const bytes = (...values: number[]) => new Uint8Array(values)

describe('a body', () => {
  it.each([
    ['name=a+b&size=2', 'application/x-www-form-urlencoded'],
    ['name=a%20b&size=2', 'application/x-www-form-urlencoded;charset=UTF-8'],
    ['{"name":"a b","size":2}', 'application/json'],
    ['{"name":"a b","size":"2"}', 'Application/JSON; charset="utf-8"'],
    ['{"name":"a b","size":2}', 'application/merge-patch+json'],
  ])('%s as %s is read', async (body, type) => {
    expect({ ...((await read(body, { 'content-type': type })) as object) }).toEqual({ name: 'a b', size: 2 })
  })

  it('that is empty has nothing in it, whatever kind it is said to be', async () => {
    expect(await read('', { 'content-type': 'image/png' })).toEqual({})
  })

  it.each([
    ['is of another kind', '<a/>', { 'content-type': 'text/xml' }, 415],
    ['is text', 'name=x', { 'content-type': 'text/plain' }, 415],
    ['has several parts', '--x--', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['is in another charset', '{}', { 'content-type': 'application/json; charset=iso-8859-1' }, 415],
    ['is compressed', bytes(31, 139), { ...json, 'content-encoding': 'gzip' }, 415],
    ['is no UTF-8', bytes(0x22, 0xff, 0x22), json, 400],
    ['is no JSON', '{', json, 400],
    ['is too long', 'x'.repeat(1001), {}, 413],
    ['says that it is too long', 'x', { 'content-length': '1001' }, 413],
  ] as [string, Body, Record<string, string>, number][])('that %s is refused', async (_, body, headers, status) => {
    await expect(read(body, headers)).rejects.toMatchObject({ status })
  })

  it('that is far too long is read no further than allowed', async () => {
    let sent = 0
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 100
        controller.enqueue(new Uint8Array(100).fill(97))
        if (sent > 100_000) controller.close() // nobody waits for a reader that never stops
      },
      cancel: () => {
        isCancelled = true
      },
    })
    await expect(read(endless)).rejects.toMatchObject({ status: 413 })
    expect(sent).toBeLessThanOrEqual(1300)
    expect(isCancelled).toBe(true)
  })

  it('that breaks off is the fault of who sends it', async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('socket hang up')),
    })
    await expect(read(broken)).rejects.toMatchObject({ status: 400, errors: ['body: broke off'] })
  })
})
