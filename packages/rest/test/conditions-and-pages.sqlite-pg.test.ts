import { randomBytes } from 'node:crypto'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { listQuery } from '../src/contract/lists.ts'
import { machineFields, machinesAsked } from '../src/server/machine-pages.ts'
import { linkToNext } from '../src/server/pages.ts'
import { actorOf, hooks, openDoor, removeMachine, requestOf } from './change-lab.ts'

eachDatabase((db) => {
  it('what is read has a tag: whoever has it is not sent it again, and whoever has an old one changes nothing', async () => {
    await using door = await openDoor({ database: await db.options(), key: randomBytes(32).toString('base64') })
    const { body: made } = await door.call('POST', '/callbacks', { body: hooks })
    const path = `/callbacks/${made.key}`
    const tag = (await door.call('GET', path)).headers.get('etag')!
    expect(tag).toMatch(/^"[\w-]{27}"$/)
    const known = await door.call('GET', path, { headers: { 'if-none-match': `"other", W/${tag}` } })
    expect(known).toMatchObject({ status: 304, body: undefined })
    expect(known.headers.get('etag')).toBe(tag)
    const list = await door.call('GET', '/callbacks')
    const ofList = { 'if-none-match': list.headers.get('etag')! }
    expect((await door.call('GET', '/callbacks', { headers: ofList })).status).toBe(304)

    const put = (notes: string, headers: Record<string, string>) =>
      door.call('PUT', path, { body: { ...hooks, notes }, headers })
    expect((await put('first', { 'if-match': tag })).status).toBe(200)
    const late = await put('late', { 'if-match': tag, 'idempotency-key': 'late' })
    expect(late).toMatchObject({ status: 412, body: { errors: ['if-match: it was changed since; read it again'] } })
    const now = (await door.call('GET', path)).headers.get('etag')!
    expect(late.headers.get('etag')).toBe(now)
    expect((await put('late', { 'if-match': `W/${now}` })).status).toBe(412)
    // The condition is of the request, and no part of what the key stands for: it was refused, so it may be asked for again.
    const asked = { 'if-match': now, 'idempotency-key': 'late' }
    expect((await put('late', asked)).body).toMatchObject({ notes: 'late' })
    expect(await put('late', asked)).toMatchObject({ status: 200, body: { notes: 'late' } })
    expect((await door.call('GET', '/callbacks', { headers: ofList })).status).toBe(200)

    expect((await put('new', { 'if-none-match': '*' })).status).toBe(412)
    expect((await door.call('PUT', '/callbacks/99', { body: hooks, headers: { 'if-match': '*' } })).status).toBe(404)
    const blind = await door.call('DELETE', path, { headers: { 'if-match': now }, as: 'writer' })
    expect(blind).toMatchObject({ status: 403, body: { errors: [expect.stringContaining('callbacks:read')] } })
    expect((await door.call('DELETE', path, { headers: { 'if-match': tag } })).status).toBe(412)
    expect((await door.call('DELETE', path, { headers: { 'if-match': '*' } })).status).toBe(200)
  })

  it('lists come in pages that link to the next, filtered and sorted by what their items are', async () => {
    await using door = await openDoor({ database: await db.options(), key: randomBytes(32).toString('base64') })
    for (const notes of ['b', 'a', 'b', 'c']) await door.call('POST', '/callbacks', { body: { ...hooks, notes } })
    const first = await door.call('GET', '/callbacks?sort=notes,-key&limit=3')
    expect(first.body.map(({ key }: { key: number }) => key)).toEqual([2, 3, 1])
    const next = /^<\/rest\/v1(\/callbacks\?.*)>; rel="next"$/.exec(first.headers.get('link')!)![1]!
    const last = await door.call('GET', next)
    expect([last.body.length, last.body[0].key, last.headers.get('link')]).toEqual([1, 4, null])
    expect((await door.call('GET', '/callbacks?notes=b')).body).toHaveLength(2)
    expect((await door.call('GET', '/callbacks?color=b')).body.errors).toEqual(['unknown parameter: color'])
  })

  it('machines are filtered, sorted and cut in the database, and all of them are a stream', async () => {
    await using door = await openDoor({ database: await db.options(), key: randomBytes(32).toString('base64') })
    const { kit, url } = door
    const cluster = (await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url } })).key
    const owner = (await kit.groups.add({ name: 'team', clusters: [cluster] })).key
    const size = { owner, cluster, os: 'debian-12', cpus: 1, memoryMiB: 2048, diskMiB: 20_480 }
    for (const name of ['web', 'db', 'mail']) await kit.machines.create({ name, ...size })
    const item = z.object({
      key: z.int(),
      name: z.string(),
      owner: z.int(),
      clusterkey: z.int(),
      status: z.enum(['planned']),
    })
    const list = {
      ...removeMachine.operation,
      method: 'GET',
      query: listQuery(item, machineFields),
      result: z.array(item),
    } as const
    const ask = async (query: z.infer<typeof list.query>) => {
      const call = { services: kit, by: { actor: actorOf(requestOf('GET', '/')) } }
      const asked = await machinesAsked(call, list, query, ({ key, name }) => ({ key, name }))
      return asked instanceof Response ? { items: (await asked.json()) as { name: string }[], hasMore: false } : asked
    }
    const namesOf = async (query: z.infer<typeof list.query>) => (await ask(query)).items.map(({ name }) => name)
    expect(await namesOf({})).toEqual(['web', 'db', 'mail'])
    expect(await namesOf({ sort: '-name' })).toEqual(['web', 'mail', 'db'])
    expect(await namesOf({ name: 'db', owner, status: 'planned' })).toEqual(['db'])
    expect(await namesOf({ owner: owner + 1 })).toEqual([])
    const first = await ask({ sort: 'name', limit: 2 })
    expect(first).toMatchObject({ items: [{ name: 'db' }, { name: 'mail' }], hasMore: true })
    const link = linkToNext(list, { sort: 'name' }, first, new URL('http://lab/machines'))
    const after = new URL(/<(.*)>/.exec(link!)![1]!, 'http://lab').searchParams.get('after')!
    expect(await ask({ sort: 'name', limit: 2, after })).toMatchObject({ items: [{ name: 'web' }], hasMore: false })
  })

  it('of changes of the same state at the same time one is made, and none is made over what it did not see', async () => {
    const options = { database: await db.options(), key: randomBytes(32).toString('base64') }
    await using one = await openDoor(options)
    await using other = await openDoor(options)
    const { body: made } = await one.call('POST', '/callbacks', { body: hooks })
    const path = `/callbacks/${made.key}`
    const put = (door: typeof one, notes: string, headers: Record<string, string> = {}) =>
      door.call('PUT', path, { body: { ...hooks, notes }, headers })
    const tagOf = async () => ({ 'if-match': (await one.call('GET', path)).headers.get('etag')! })

    const same = await tagOf()
    const racers = Array.from({ length: 8 }, (_, index) => put(index % 2 ? one : other, `racer ${index}`, same))
    const ended = await Promise.all(racers)
    expect(ended.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 412)])
    const winner = ended.find(({ status }) => status === 200)!
    expect((await one.call('GET', path)).body).toEqual(winner.body)

    // Whichever comes first: the one without a condition has the last word, or the other saw what it wrote.
    for (let round = 0; round < 12; round += 1) {
      const tag = await tagOf()
      await Promise.all([put(one, `if ${round}`, tag), put(other, `in any case ${round}`)])
      expect((await one.call('GET', path)).body.notes).toBe(`in any case ${round}`)
    }
  })
})
