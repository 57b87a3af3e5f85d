import { randomBytes, randomUUID } from 'node:crypto'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { type Door, hooks, openDoor } from './change-lab.ts'
import type { LastRequest } from './change-victim.ts'

eachDatabase((db) => {
  const openTwo = async (): Promise<[Door, Door, AsyncDisposable]> => {
    const options = { database: await db.options(), key: randomBytes(32).toString('base64') }
    const doors: [Door, Door] = [await openDoor(options), await openDoor(options)]
    return [
      ...doors,
      { [Symbol.asyncDispose]: async () => void (await Promise.all(doors.map((door) => door[Symbol.asyncDispose]()))) },
    ]
  }

  it('a key stands for one request of one caller: again it is told the same, by any process, and nothing is done twice', async () => {
    const [one, other, doors] = await openTwo()
    await using _ = doors
    const headers = { 'idempotency-key': `"${randomUUID()}"` }
    const first = await one.call('POST', '/callbacks', { body: hooks, headers })
    expect(first.status).toBe(200)
    expect(first.headers.get('idempotency-replayed')).toBe(null)
    const bare = { 'idempotency-key': headers['idempotency-key'].slice(1, -1) }
    const form = { ...bare, 'content-type': 'application/json; charset=utf-8' }
    const again = await other.call('POST', '/callbacks', { body: { ...hooks, notes: undefined }, headers: form })
    expect(again).toMatchObject({ status: 200, body: first.body })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'))

    const { callbackurl, errorcallbackurl } = hooks
    const asOther = await other.call('POST', '/callbacks', {
      body: { callbackurl: errorcallbackurl, errorcallbackurl: callbackurl },
      headers,
    })
    expect(asOther).toMatchObject({ status: 422, body: { statuscode: 422, instance: '/callbacks' } })
    expect((await one.call('DELETE', `/callbacks/${first.body.key}`, { headers })).status).toBe(422)
    expect((await one.call('POST', '/callbacks', { body: hooks, headers, as: 'bobby' })).body.key).not.toBe(first.body.key)
    expect((await one.call('POST', '/callbacks', { body: hooks, headers: { 'idempotency-key': 'no, two' } })).status).toBe(
      400,
    )
    expect(await one.kit.callbacks.list()).toHaveLength(2)

    const gone = { 'idempotency-key': 'gone' }
    const removed = await one.call('DELETE', `/callbacks/${first.body.key}`, { headers: gone })
    expect(await other.call('DELETE', `/callbacks/${first.body.key}`, { headers: gone })).toMatchObject(pick(removed))
    expect((await other.call('DELETE', `/callbacks/${first.body.key}`)).status).toBe(404)
  })

  it('many at once with one key do one thing, and a refusal stays one', async () => {
    const [one, other, doors] = await openTwo()
    await using _ = doors
    const headers = { 'idempotency-key': 'all-at-once' }
    const answers = await Promise.all(
      Array.from({ length: 10 }, (__, index) =>
        (index % 2 ? one : other).call('POST', '/callbacks', { body: hooks, headers }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(await one.kit.callbacks.list()).toHaveLength(1)

    const early = { body: hooks, headers: { 'idempotency-key': 'too-early' } }
    const refused = await one.call('PUT', '/callbacks/2', early)
    expect(refused.status).toBe(404)
    await one.call('POST', '/callbacks', { body: hooks })
    expect(await other.call('PUT', '/callbacks/2', early)).toMatchObject(pick(refused))
    expect((await other.call('PUT', '/callbacks/2', { body: hooks })).status).toBe(200)
  })

  it('a process that is killed in the middle of a request leaves it done once or not at all, and the next one answers it', async () => {
    const options = { database: await db.options(), key: randomBytes(32).toString('base64') }
    await using door = await openDoor(options)
    const post = (key: string) => ['POST', '/callbacks', { body: hooks, headers: { 'idempotency-key': key } }] as const
    await dieAt({ ...options, dies: 'before the commit', request: post('undone') })
    expect(await door.kit.callbacks.list()).toEqual([])
    expect((await door.call(...post('undone'))).headers.get('idempotency-replayed')).toBe(null)

    await dieAt({ ...options, dies: 'after the commit', request: post('done') })
    const [, made] = await door.kit.callbacks.list()
    const answered = await door.call(...post('done'))
    expect(answered.headers.get('idempotency-replayed')).toBe('true')
    expect(answered.body).toMatchObject({ key: made!.key, secret: expect.stringMatching(/^whsec_/) })
    expect(await door.kit.callbacks.list()).toHaveLength(2)
  })
})

const pick = ({ status, body }: { status: number; body: unknown }) => ({ status, body })

async function dieAt(last: LastRequest): Promise<void> {
  const program = fileURLToPath(new URL('change-victim.ts', import.meta.url))
  const victim = fork(program, [JSON.stringify(last)], { execArgv: ['--conditions=@virtkit/source'] })
  const [, signal] = await once(victim, 'exit')
  expect(signal).toBe('SIGKILL')
}
