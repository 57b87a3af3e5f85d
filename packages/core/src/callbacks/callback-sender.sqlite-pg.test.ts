import { randomUUID } from 'node:crypto'
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock, Secret, VirtkitError } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AesKeyring } from '../access/aes-keyring.ts'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import { CallbackSender } from './callback-sender.ts'
import type { CallbackNotice } from './callbacks.ts'
import { DeliveryStore } from './delivery-store.ts'
import { Receivers } from './receivers.ts'
import { signedHeaders } from './signature.ts'
import { SqlCallbacks } from './sql-callbacks.ts'

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const ring = (id: string): AesKeyring => new AesKeyring([{ id, key: Buffer.alloc(32, id) }])

eachDatabase((db) => {
  describe('CallbackSender', () => {
    let open: OpenDatabase
    let callbacks: SqlCallbacks
    let secret: Secret
    let now: number
    let sleepers: (() => void)[]
    let server: Server
    let base: string
    let received: Received[]
    /** Status per request; `undefined` never answers. */
    let answer: (request: Received) => number | undefined
    let onRequest: () => void
    let problems: VirtkitError[]
    const clock: Clock = {
      now: () => now,
      during: (work) => work(),
      sleep: (_, signal) =>
        new Promise((resolve, reject) => {
          sleepers.push(resolve)
          signal?.addEventListener('abort', () => reject(signal.reason))
          if (signal?.aborted) reject(signal.reason)
        }),
    }
    let happened: { type: string; subject: string; data?: unknown }[]
    const events: Events = {
      append: async (_, event) => void happened.push(event),
      on: () => () => {},
      list: async () => [],
    }
    const allow = ['127.0.0.0/8']
    const sender = ({ timeoutMs = 10_000 } = {}, keyring: AesKeyring = ring('a')): CallbackSender => {
      const parts = { database: open.database, keyring, clock, events, random: () => 0 }
      const receivers = new Receivers({ allow, timeoutMs })
      return new CallbackSender({ ...parts, receivers }, { onError: (error) => void problems.push(error) })
    }
    const tell = (when: CallbackNotice['when'], subject = 'machine/1', id: string = randomUUID()): Promise<void> => {
      const notice = { id, at: now, when, subject, data: { name: 'web' } }
      return open.database.transaction((queries) => callbacks.enqueue(queries, 1, notice))
    }
    const deliveries = () => open.database.queries.selectFrom('callbackDeliveries').selectAll().orderBy('key').execute()
    const paths = () => received.map((each) => each.path)

    beforeEach(async () => {
      now = Date.UTC(2025, 0, 1)
      ;[sleepers, received, problems, happened] = [[], [], [], []]
      answer = () => 204
      onRequest = () => {}
      server = createServer((request, response) => {
        let body = ''
        request.on('data', (chunk) => (body += chunk))
        request.on('end', () => {
          const one = { path: request.url ?? '', headers: request.headers, body }
          received.push(one)
          const status = answer(one)
          if (status !== undefined) response.writeHead(status, { location: '/elsewhere', 'retry-after': '7' }).end('thanks')
          onRequest()
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      open = await openDatabase(await db.options())
      const parts = { database: open.database, access: new RoleAccess(), events, keyring: ring('a'), clock }
      callbacks = new SqlCallbacks({ ...parts, receivers: new Receivers({ allow }) })
      const urls = { startUrl: `${base}/start`, successUrl: `${base}/success`, errorUrl: `${base}/error` }
      ;({ secret } = await callbacks.add(urls))
      const { queries } = open.database
      const credentials = { name: 'c', username: '', password: '', url: '', insecure: 0, http: 0 }
      await queries.insertInto('credentials').values(credentials).execute()
      await queries.insertInto('clusters').values({ name: 'c', type: 't', credentialsKey: 1, options: '{}' }).execute()
      await queries.insertInto('clusterCallbacks').values({ clusterKey: 1, callbackKey: 1 }).execute()
    })
    afterEach(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await open[Symbol.asyncDispose]()
    })

    it('a delivery carries what happened, signed with the secret that add answered', async () => {
      await tell('success')
      expect(await sender().sendDue()).toBe(1)
      const [{ headers, body, path }] = received as [Received]
      expect(path).toBe('/success')
      expect(JSON.parse(body)).toMatchObject({ type: 'install.succeeded', data: { subject: 'machine/1', name: 'web' } })
      expect(headers).toMatchObject({ 'content-type': 'application/json', connection: 'close' })
      const id = String(headers['webhook-id'])
      expect(headers).toMatchObject(signedHeaders({ id, body, at: now }, secret))
      expect(await deliveries()).toMatchObject([{ id, state: 'delivered', attempts: 1 }])
      expect(await sender().sendDue()).toBe(0)
    })

    it('without a URL for it, nothing is delivered', async () => {
      await tell('delete')
      expect(await deliveries()).toEqual([])
    })

    it('a notice that is told twice is delivered once', async () => {
      await tell('start', 'machine/1', 'e1')
      await tell('start', 'machine/1', 'e1')
      expect(await deliveries()).toHaveLength(1)
    })

    it('what is rolled back is never delivered', async () => {
      const work = open.database.transaction(async (queries) => {
        await callbacks.enqueue(queries, 1, { id: 'e1', at: now, when: 'start', subject: 'machine/1', data: {} })
        throw new Error('rolled back')
      })
      await expect(work).rejects.toThrow('rolled back')
      expect(await deliveries()).toEqual([])
    })

    it('deliveries about one subject keep their order, also when the first fails; others go on', async () => {
      await tell('start', 'machine/1')
      await tell('success', 'machine/1')
      await tell('error', 'machine/2')
      answer = ({ path }) => (path === '/start' ? 500 : 200)
      const one = sender()
      expect(await one.sendDue()).toBe(2)
      expect(paths().toSorted()).toEqual(['/error', '/start'])
      expect(await one.sendDue()).toBe(0)
      answer = () => 200
      now += 5000
      expect(await one.sendDue()).toBe(1)
      expect(await one.sendDue()).toBe(1)
      expect(paths().slice(2)).toEqual(['/start', '/success'])
      expect(received[2]!.headers['webhook-id']).toBe(received.find(({ path }) => path === '/start')?.headers['webhook-id'])
    })

    it('of two senders, one delivers', async () => {
      await tell('start')
      const counts = await Promise.all([sender().sendDue(), sender().sendDue(), sender().sendDue()])
      expect(counts.toSorted()).toEqual([0, 0, 1])
      expect(paths()).toEqual(['/start'])
    })

    it('what a dead sender had claimed is delivered by another, later', async () => {
      await tell('start')
      await open.database.queries
        .updateTable('callbackDeliveries')
        .set({ attempts: 1, dueAt: now + 60_000 })
        .execute()
      expect(await sender().sendDue()).toBe(0)
      now += 60_000
      expect(await sender().sendDue()).toBe(1)
      expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2 }])
    })

    it.each([301, 307, 400, 404, 500])('%d is no acceptance, and a redirect is not followed', async (status) => {
      await tell('start')
      answer = () => status
      await sender().sendDue()
      expect(paths()).toEqual(['/start'])
      expect(await deliveries()).toMatchObject([{ state: 'due', attempts: 1, dueAt: now + 5000 }])
    })

    it('a receiver that does not answer, or is not there, is tried again later', async () => {
      await tell('start')
      answer = () => undefined
      await sender({ timeoutMs: 50 }).sendDue()
      expect(await deliveries()).toMatchObject([{ state: 'due', attempts: 1 }])
      await open.database.queries.updateTable('callbackDeliveries').set({ url: 'http://127.0.0.1:1/' }).execute()
      now += 5000
      await sender().sendDue()
      expect(await deliveries()).toMatchObject([{ state: 'due', attempts: 2, dueAt: now + 300_000 }])
      expect(problems).toEqual([])
    })

    it('after the last attempt it is given up, and the next one of the subject follows', async () => {
      await tell('start')
      await tell('success')
      await open.database.queries.updateTable('callbackDeliveries').set({ attempts: 9 }).where('key', '=', 1).execute()
      answer = () => 500
      await sender().sendDue()
      answer = () => 200
      await sender().sendDue()
      expect(await deliveries()).toMatchObject([
        { state: 'dead', endedAt: now },
        { state: 'delivered', endedAt: now },
      ])
      expect(paths()).toEqual(['/start', '/success'])
      expect(happened.at(-1)).toEqual({
        type: 'callback.given-up',
        subject: 'callback/1',
        data: { delivery: 1, about: 'machine/1', problem: 'The receiver answered 500.' },
      })
    })

    it('each attempt is in the log: when, and what became of it', async () => {
      await tell('start')
      const [first, second] = [now, now + 5000]
      answer = () => 502
      await sender().sendDue()
      expect(await callbacks.deliveries(1)).toMatchObject([{ problem: 'The receiver answered 502.', dueAt: second }])
      now = second
      answer = () => 204
      await sender().sendDue()
      const [delivery] = await callbacks.deliveries(1)
      expect(delivery).toEqual({
        key: 1,
        callback: 1,
        id: expect.stringMatching(/^msg_/),
        when: 'start',
        subject: 'machine/1',
        url: `${base}/start`,
        state: 'delivered',
        attempts: 2,
        history: [{ at: first, problem: 'The receiver answered 502.' }, { at: second }],
        createdAt: first,
        endedAt: second,
      })
    })

    it('a receiver that is gone (410) is not asked again; one that is busy is left alone as long as it says', async () => {
      await tell('start')
      await tell('error', 'machine/2')
      answer = ({ path }) => (path === '/start' ? 410 : 429)
      await sender().sendDue()
      expect(await deliveries()).toMatchObject([
        { state: 'dead', attempts: 1, problem: 'The receiver answered 410.' },
        { state: 'due', dueAt: now + 7000 },
      ])
    })

    it('a dead letter is told again, first of all about its machine, with the id that it had, where such things go now', async () => {
      await tell('start')
      await tell('success')
      await tell('start', 'machine/2')
      answer = () => 410
      await sender().sendDue()
      await sender().sendDue()
      const ids = received.map(({ headers }) => headers['webhook-id']).toSorted()
      expect((await callbacks.deliveries(1, { state: 'dead' })).map(({ key }) => key)).toEqual([3, 2, 1])
      await tell('error')
      const urls = { startUrl: `${base}/begun`, successUrl: `${base}/success`, errorUrl: `${base}/error` }
      await callbacks.update(1, urls)
      expect(await callbacks.replay(1, 1)).toMatchObject({ state: 'due', attempts: 0, url: urls.startUrl })
      expect(await callbacks.replayDead(1)).toBe(2)
      expect(await callbacks.replayDead(1)).toBe(0)
      received = []
      answer = () => 204
      for (let round = 0; round < 4; round += 1) await sender().sendDue()
      const about = (machine: string) => received.filter(({ body }) => body.includes(machine)).map(({ path }) => path)
      expect(about('machine/1')).toEqual(['/begun', '/success', '/error'])
      expect(about('machine/2')).toEqual(['/begun'])
      expect(received.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(expect.arrayContaining(ids))
      expect(happened.filter(({ type }) => type === 'callback.replayed')).toMatchObject([
        { subject: 'callback/1', data: { delivery: 1, count: 1 } },
        { subject: 'callback/1', data: { count: 2 } },
      ])
      const twice = callbacks.replay(1, 1)
      await expect(twice).rejects.toMatchObject({ code: 'CONFLICT', details: { with: 'delivered' } })
      await expect(callbacks.replay(1, 99)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'delivery' } })
    })

    it('what waits goes to the URL that the callback is given, at once', async () => {
      await tell('start')
      await tell('success')
      answer = () => 404
      await sender().sendDue()
      await callbacks.update(1, { startUrl: `${base}/right`, successUrl: `${base}/success`, errorUrl: `${base}/error` })
      answer = () => 204
      await sender().sendDue()
      await sender().sendDue()
      expect(paths()).toEqual(['/start', '/right', '/success'])
    })

    it('for a time the secret of before signs as well, then the new one alone', async () => {
      const { secret: fresh, formerUntil } = await callbacks.rotateSecret(1, { graceMs: 60_000 })
      expect(formerUntil).toBe(now + 60_000)
      await tell('start', 'machine/1')
      await sender().sendDue()
      now += 60_000
      await tell('start', 'machine/2')
      await sender().sendDue()
      const signatures = received.map(({ headers, body }) => [
        headers['webhook-signature'],
        ...[fresh, secret].map((each) => {
          const at = Number(headers['webhook-timestamp']) * 1000
          return signedHeaders({ id: String(headers['webhook-id']), body, at }, each)['webhook-signature']
        }),
      ])
      const [[both, byNew, byOld] = [], [alone, byNewToo] = []] = signatures
      expect(both).toBe(`${byNew} ${byOld}`)
      expect(alone).toBe(byNewToo)
      expect(fresh.reveal()).not.toBe(secret.reveal())
      expect(JSON.stringify(happened)).not.toContain(fresh.reveal())
      await callbacks.rotateSecret(1, { graceMs: 0 })
      expect(await open.database.queries.selectFrom('callbacks').select('formerSecret').execute()).toEqual([
        { formerSecret: null },
      ])
      await expect(callbacks.rotateSecret(1, { graceMs: 31 * 86_400_000 })).rejects.toThrow(
        /^graceMs: must be at most 30 days/,
      )
    })

    it('what was delivered is forgotten after thirty days, a dead letter after ninety', async () => {
      await tell('start', 'machine/1')
      await tell('start', 'machine/2')
      answer = ({ body }) => (body.includes('machine/1') ? 204 : 410)
      await sender().sendDue()
      const store = new DeliveryStore(open.database, events)
      const day = 86_400_000
      await store.tidy((now += 30 * day))
      expect(await deliveries()).toHaveLength(2)
      await store.tidy((now += 1))
      expect(await deliveries()).toMatchObject([{ state: 'dead' }])
      await store.tidy((now += 60 * day))
      expect(await deliveries()).toEqual([])
    })

    it('a receiver in a private network is told nothing, unless it is allowed, and the log says why', async () => {
      await tell('start')
      const guarded = new CallbackSender(
        { database: open.database, keyring: ring('a'), clock, events, random: () => 0, receivers: new Receivers() },
        { onError: (error) => void problems.push(error) },
      )
      await guarded.sendDue()
      expect(received).toEqual([])
      expect(await callbacks.deliveries(1)).toMatchObject([
        { state: 'due', problem: expect.stringMatching(/private network/) },
      ])
    })

    it('a signing secret that does not open is reported, and nothing goes out unsigned', async () => {
      await tell('start')
      await sender({}, ring('b')).sendDue()
      expect(problems).toMatchObject([{ code: 'UNAUTHENTICATED' }])
      expect(received).toEqual([])
      expect(await deliveries()).toMatchObject([{ state: 'due', attempts: 1 }])
    })

    it('once started it delivers what comes, until it is closed', async () => {
      const one = sender()
      one.start()
      one.start()
      await tell('start')
      const arrived = new Promise<void>((resolve) => (onRequest = resolve))
      while (received.length === 0) {
        await Promise.race([arrived, new Promise((resolve) => setImmediate(resolve))])
        for (const wake of sleepers.splice(0)) wake()
      }
      await one[Symbol.asyncDispose]()
      await tell('success')
      one.start()
      expect(paths()).toEqual(['/start'])
      expect(await deliveries()).toMatchObject([{ subject: 'machine/1' }, { state: 'due', attempts: 0 }])
    })

    it('a receiver that does not answer holds up nobody else', async () => {
      const urls = { startUrl: `${base}/quick`, successUrl: base, errorUrl: base }
      await callbacks.add(urls)
      await open.database.queries.insertInto('clusterCallbacks').values({ clusterKey: 1, callbackKey: 2 }).execute()
      answer = ({ path }) => (path === '/quick' ? 204 : undefined)
      for (let machine = 1; machine <= 40; machine += 1) await tell('start', `machine/${machine}`)
      const one = sender({ timeoutMs: 60_000 })
      one.start()
      while ((await callbacks.deliveries(2, { state: 'delivered' })).length < 40) {
        for (const wake of sleepers.splice(0)) wake()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      expect(paths().filter((path) => path === '/start')).toHaveLength(16)
      await one[Symbol.asyncDispose]()
      const states = (await deliveries()).map(({ callbackKey, state, attempts }) => [callbackKey, state, attempts])
      expect(new Set(states.map((each) => each.join()))).toEqual(new Set(['1,due,0', '2,delivered,1']))
    })

    it('closing breaks off an attempt, which then does not count', async () => {
      answer = () => undefined
      await tell('start')
      const one = sender()
      const arrived = new Promise<void>((resolve) => (onRequest = resolve))
      one.start()
      await arrived
      await one[Symbol.asyncDispose]()
      expect(await deliveries()).toMatchObject([{ state: 'due', attempts: 0, dueAt: now }])
    })

    it('a database that fails is reported, and the sender goes on', async () => {
      await tell('start')
      await open.database.queries.schema.alterTable('callbackDeliveries').renameTo('hidden').execute()
      const one = sender()
      one.start()
      while (sleepers.length === 0) await new Promise((resolve) => setImmediate(resolve))
      await open.database.queries.schema.alterTable('hidden').renameTo('callbackDeliveries').execute()
      const arrived = new Promise<void>((resolve) => (onRequest = resolve))
      for (const wake of sleepers.splice(0)) wake()
      await arrived
      await one[Symbol.asyncDispose]()
      expect(problems).toMatchObject([{ code: 'INTERNAL' }])
    })
  })
})
