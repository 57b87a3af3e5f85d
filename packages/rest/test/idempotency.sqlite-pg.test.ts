import { randomBytes, randomUUID } from 'node:crypto'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { VirtkitError } from '@virtkit/core'
import type { Endpoint } from '../src/server/endpoint.ts'
import { type Door, carryOutAlone, hooks, openDoor, removeMachine } from './change-lab.ts'
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
    const machine = await addMachine(door)
    const post = (key: string) => ['POST', '/callbacks', { body: hooks, headers: { 'idempotency-key': key } }] as const
    const away = { headers: { 'idempotency-key': 'away' } }
    await Promise.all([
      dieAt({ ...options, dies: 'before the commit', request: post('undone') }),
      dieAt({ ...options, dies: 'after the commit', request: post('done') }),
      dieAt({ ...options, dies: 'before its answer is kept', request: ['DELETE', machine, away] }),
    ])
    const [made, ...more] = await door.kit.callbacks.list()
    expect(more).toEqual([])
    const answered = await door.call(...post('done'))
    expect(answered.headers.get('idempotency-replayed')).toBe('true')
    expect(answered.body).toMatchObject({ key: made!.key, secret: expect.stringMatching(/^whsec_/) })
    expect((await door.call(...post('undone'))).headers.get('idempotency-replayed')).toBe(null)
    expect(await door.kit.callbacks.list()).toHaveLength(2)

    // What is done outside of a transaction was accepted; nobody knows yet that its process is no more.
    const [accepted, ...others] = await door.kit.operations.list()
    expect([accepted?.kind, ...others]).toEqual(['delete-machine'])
    const early = await carryOutAlone(door.kit, removeMachine, machine, away)
    expect([early.status, Number(early.headers.get('retry-after')) <= 30]).toEqual([409, true])
    await using later = await openDoor({ ...options, aheadMs: 31_000 })
    const retried = await carryOutAlone(later.kit, removeMachine, machine, away)
    expect([retried.status, await retried.json()]).toEqual([200, { key: machine, msg: accepted!.id }])
    const again = await carryOutAlone(door.kit, removeMachine, machine, away)
    expect([again.headers.get('idempotency-replayed'), await again.json()]).toEqual([
      'true',
      { key: machine, msg: accepted!.id },
    ])
    const other = await carryOutAlone(door.kit, removeMachine, machine, { headers: { 'idempotency-key': 'other' } })
    expect(other.status).toBe(409)
  })

  it('what turns out to need more than the database is done outside of a transaction, by one at a time', async () => {
    await using door = await openDoor({ database: await db.options(), key: randomBytes(32).toString('base64') })
    const { kit } = door
    const { promise: goOn, resolve: go } = Promise.withResolvers<void>()
    const keys: (string | undefined)[] = []
    const ends = [new VirtkitError('HYPERVISOR_UNAVAILABLE', 'It is away.', { details: {} as never }), undefined]
    const slow: Endpoint = {
      operation: { ...removeMachine.operation, runs: 'in-transaction' },
      handler: async ({ services, by }) => {
        await services.settings.update({ installTimeoutMs: 60_000 + keys.length })
        await services.machines.listImportable(cluster)
        keys.push(by.key)
        await goOn
        const end = ends.shift()
        if (end) throw end
        return { key: 1, msg: 'done' }
      },
    }
    const { cluster } = await addCluster(door)
    const ask = (key: number) => carryOutAlone(kit, slow, key, { headers: { 'idempotency-key': 'slow' } })
    const first = ask(1)
    await expect.poll(() => keys.length, { timeout: 10_000 }).toBe(1)
    const second = await ask(1)
    expect([second.status, second.headers.get('retry-after')]).toEqual([409, expect.stringMatching(/^\d+$/)])
    expect((await ask(2)).status).toBe(422)
    go()
    // It is not known whether that happened: the same may be asked again, and core is asked by the same key.
    expect((await first).status).toBe(502)
    expect((await ask(1)).status).toBe(200)
    expect((await ask(1)).headers.get('idempotency-replayed')).toBe('true')
    expect(keys).toEqual([keys[0], keys[0]])
    expect(keys[0]).toMatch(/^[\w-]{36}$/)
  })

  it('what is accepted for later is kept at once, and again when it is done', async () => {
    await using door = await openDoor({ database: await db.options(), key: randomBytes(32).toString('base64') })
    const { kit } = door
    const machine = await addMachine(door)
    const ends: (() => Promise<Response>)[] = []
    const longWork: Endpoint = {
      operation: { ...removeMachine.operation, runs: 'in-transaction' },
      handler: async ({ services, by, params, afterCommit }) => {
        const { id } = await services.machines.remove((params as { key: number }).key, by)
        const then = async () => {
          const { state } = await services.operations.get(id, by)
          return (await ends.shift()?.()) ?? Response.json({ key: machine, msg: state })
        }
        return afterCommit!(Response.json({ key: machine, msg: id }, { status: 202 }), then)
      },
    }
    const ask = async (key: string, of = machine) => {
      const answered = await carryOutAlone(kit, longWork, of, { headers: { 'idempotency-key': key } })
      return [answered.status, ((await answered.json()) as { msg?: string }).msg]
    }
    // Until it is known how it ends, whoever asks again is told where to look.
    let meanwhile: unknown
    ends.push(async () => {
      meanwhile = await ask('away')
      return Response.json({ key: machine, msg: 'gone' })
    })
    expect(await ask('away')).toEqual([200, 'gone'])
    const [{ id } = { id: '' }, ...more] = await kit.operations.list()
    expect([meanwhile, more]).toEqual([[202, id], []])
    expect(await ask('away')).toEqual([200, 'gone'])
    expect(await ask('other')).toEqual([409, undefined])

    // The answer was lost, but not what was accepted.
    ends.push(() => Promise.reject(new VirtkitError('HYPERVISOR_UNAVAILABLE', 'It is away.', { details: {} as never })))
    const { owner, cluster, os, cpus, memoryMiB, diskMiB } = await kit.machines.get(machine)
    const second = await kit.machines.create({ name: 'mail', owner, cluster, os, cpus, memoryMiB, diskMiB })
    expect(await ask('lost', second.key)).toEqual([502, undefined])
    expect(await ask('lost', second.key)).toEqual([
      202,
      (await kit.operations.list({ subject: `machine/${second.key}` }))[0]!.id,
    ])
  })
})

const pick = ({ status, body }: { status: number; body: unknown }) => ({ status, body })

async function dieAt(last: LastRequest): Promise<void> {
  const program = fileURLToPath(new URL('change-victim.ts', import.meta.url))
  const victim = fork(program, [JSON.stringify(last)], { execArgv: ['--conditions=@virtkit/source'] })
  const [, signal] = await once(victim, 'exit')
  expect(signal).toBe('SIGKILL')
}

async function addCluster({ kit, url }: Door): Promise<{ cluster: number; owner: number }> {
  const { key: cluster } = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url } })
  return { cluster, owner: (await kit.groups.add({ name: 'team', clusters: [cluster] })).key }
}

async function addMachine(door: Door): Promise<number> {
  const place = { name: 'web', os: 'debian-12', ...(await addCluster(door)) }
  return (await door.kit.machines.create({ ...place, cpus: 1, memoryMiB: 2048, diskMiB: 20_480 })).key
}
