import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CallbackLab, type ReceivedPost, openCallbackLab, ring } from '../../test/callback-lab.ts'
import { signedHeaders } from './signature.ts'

eachDatabase((db) => {
  describe('CallbackSender', () => {
    let lab: CallbackLab
    beforeEach(async () => {
      lab = await openCallbackLab(await db.options())
    })
    afterEach(() => lab[Symbol.asyncDispose]())

    it('a delivery carries what lab.happened, signed with the lab.secret that add answered', async () => {
      await lab.tell('success')
      expect(await lab.sender().sendDue()).toBe(1)
      const [{ headers, body, path }] = lab.received as [ReceivedPost]
      expect(path).toBe('/success')
      expect(JSON.parse(body)).toMatchObject({ type: 'install.succeeded', data: { subject: 'machine/1', name: 'web' } })
      expect(headers).toMatchObject({ 'content-type': 'application/json', connection: 'close' })
      const id = String(headers['webhook-id'])
      expect(headers).toMatchObject(signedHeaders({ id, body, at: lab.now }, lab.secret))
      expect(await lab.deliveries()).toMatchObject([{ id, state: 'delivered', attempts: 1 }])
      expect(await lab.sender().sendDue()).toBe(0)
    })

    it('without a URL for it, nothing is delivered', async () => {
      await lab.tell('delete')
      expect(await lab.deliveries()).toEqual([])
    })

    it('a notice that is told twice is delivered once', async () => {
      await lab.tell('start', 'machine/1', 'e1')
      await lab.tell('start', 'machine/1', 'e1')
      expect(await lab.deliveries()).toHaveLength(1)
    })

    it('what is rolled back is never delivered', async () => {
      const work = lab.database.transaction(async (queries) => {
        await lab.callbacks.enqueue(queries, 1, { id: 'e1', at: lab.now, when: 'start', subject: 'machine/1', data: {} })
        throw new Error('rolled back')
      })
      await expect(work).rejects.toThrow('rolled back')
      expect(await lab.deliveries()).toEqual([])
    })

    it('deliveries about one subject keep their order, also when the first fails; others go on', async () => {
      await lab.tell('start', 'machine/1')
      await lab.tell('success', 'machine/1')
      await lab.tell('error', 'machine/2')
      lab.answer = ({ path }) => (path === '/start' ? 500 : 200)
      const one = lab.sender()
      expect(await one.sendDue()).toBe(2)
      expect(lab.paths().toSorted()).toEqual(['/error', '/start'])
      expect(await one.sendDue()).toBe(0)
      lab.answer = () => 200
      lab.now += 5000
      expect(await one.sendDue()).toBe(1)
      expect(await one.sendDue()).toBe(1)
      expect(lab.paths().slice(2)).toEqual(['/start', '/success'])
      expect(lab.received[2]!.headers['webhook-id']).toBe(
        lab.received.find(({ path }) => path === '/start')?.headers['webhook-id'],
      )
    })

    it('of two senders, one delivers', async () => {
      await lab.tell('start')
      const counts = await Promise.all([lab.sender().sendDue(), lab.sender().sendDue(), lab.sender().sendDue()])
      expect(counts.toSorted()).toEqual([0, 0, 1])
      expect(lab.paths()).toEqual(['/start'])
    })

    it('what a dead sender had claimed is delivered by another, later', async () => {
      await lab.tell('start')
      await lab.database.queries
        .updateTable('callbackDeliveries')
        .set({ attempts: 1, dueAt: lab.now + 60_000 })
        .execute()
      expect(await lab.sender().sendDue()).toBe(0)
      lab.now += 60_000
      expect(await lab.sender().sendDue()).toBe(1)
      expect(await lab.deliveries()).toMatchObject([{ state: 'delivered', attempts: 2 }])
    })

    it.each([301, 307, 400, 404, 500])('%d is no acceptance, and a redirect is not followed', async (status) => {
      await lab.tell('start')
      lab.answer = () => status
      await lab.sender().sendDue()
      expect(lab.paths()).toEqual(['/start'])
      expect(await lab.deliveries()).toMatchObject([{ state: 'due', attempts: 1, dueAt: lab.now + 5000 }])
    })

    it('a receiver that does not lab.answer, or is not there, is tried again later', async () => {
      await lab.tell('start')
      lab.answer = () => undefined
      await lab.sender({ timeoutMs: 50 }).sendDue()
      expect(await lab.deliveries()).toMatchObject([{ state: 'due', attempts: 1 }])
      await lab.database.queries.updateTable('callbackDeliveries').set({ url: 'http://127.0.0.1:1/' }).execute()
      lab.now += 5000
      await lab.sender().sendDue()
      expect(await lab.deliveries()).toMatchObject([{ state: 'due', attempts: 2, dueAt: lab.now + 300_000 }])
      expect(lab.problems).toEqual([])
    })

    it('after the last attempt it is given up, and the next one of the subject follows', async () => {
      await lab.tell('start')
      await lab.tell('success')
      await lab.database.queries.updateTable('callbackDeliveries').set({ attempts: 9 }).where('key', '=', 1).execute()
      lab.answer = () => 500
      await lab.sender().sendDue()
      lab.answer = () => 200
      await lab.sender().sendDue()
      expect(await lab.deliveries()).toMatchObject([
        { state: 'dead', endedAt: lab.now },
        { state: 'delivered', endedAt: lab.now },
      ])
      expect(lab.paths()).toEqual(['/start', '/success'])
      expect(lab.happened.at(-1)).toEqual({
        type: 'callback.given-up',
        subject: 'callback/1',
        data: { delivery: 1, about: 'machine/1', problem: 'The receiver answered 500.' },
      })
    })

    it('a signing lab.secret that does not open is reported, and nothing goes out unsigned', async () => {
      await lab.tell('start')
      await lab.sender({}, ring('b')).sendDue()
      expect(lab.problems).toMatchObject([{ code: 'UNAUTHENTICATED' }])
      expect(lab.received).toEqual([])
      expect(await lab.deliveries()).toMatchObject([{ state: 'due', attempts: 1 }])
    })

    it('once started it delivers what comes, until it is closed', async () => {
      const one = lab.sender()
      one.start()
      one.start()
      await lab.tell('start')
      const arrived = new Promise<void>((resolve) => (lab.onRequest = resolve))
      while (lab.received.length === 0) {
        await Promise.race([arrived, new Promise((resolve) => setImmediate(resolve))])
        for (const wake of lab.sleepers.splice(0)) wake()
      }
      await one[Symbol.asyncDispose]()
      await lab.tell('success')
      one.start()
      expect(lab.paths()).toEqual(['/start'])
      expect(await lab.deliveries()).toMatchObject([{ subject: 'machine/1' }, { state: 'due', attempts: 0 }])
    })

    it('a receiver that does not lab.answer holds up nobody else', async () => {
      const urls = { startUrl: `${lab.base}/quick`, successUrl: lab.base, errorUrl: lab.base }
      await lab.callbacks.add(urls)
      await lab.database.queries.insertInto('clusterCallbacks').values({ clusterKey: 1, callbackKey: 2 }).execute()
      lab.answer = ({ path }) => (path === '/quick' ? 204 : undefined)
      for (let machine = 1; machine <= 40; machine += 1) await lab.tell('start', `machine/${machine}`)
      const one = lab.sender({ timeoutMs: 60_000 })
      one.start()
      while ((await lab.callbacks.deliveries(2, { state: 'delivered' })).length < 40) {
        for (const wake of lab.sleepers.splice(0)) wake()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      expect(lab.paths().filter((path) => path === '/start')).toHaveLength(16)
      await one[Symbol.asyncDispose]()
      const states = (await lab.deliveries()).map(({ callbackKey, state, attempts }) => [callbackKey, state, attempts])
      expect(new Set(states.map((each) => each.join()))).toEqual(new Set(['1,due,0', '2,delivered,1']))
    })

    it('closing breaks off an attempt, which then does not count', async () => {
      lab.answer = () => undefined
      await lab.tell('start')
      const one = lab.sender()
      const arrived = new Promise<void>((resolve) => (lab.onRequest = resolve))
      one.start()
      await arrived
      await one[Symbol.asyncDispose]()
      expect(await lab.deliveries()).toMatchObject([{ state: 'due', attempts: 0, dueAt: lab.now }])
    })

    it('a database that fails is reported, and the sender goes on', async () => {
      await lab.tell('start')
      await lab.database.queries.schema.alterTable('callbackDeliveries').renameTo('hidden').execute()
      const one = lab.sender()
      one.start()
      while (lab.sleepers.length === 0) await new Promise((resolve) => setImmediate(resolve))
      await lab.database.queries.schema.alterTable('hidden').renameTo('callbackDeliveries').execute()
      const arrived = new Promise<void>((resolve) => (lab.onRequest = resolve))
      for (const wake of lab.sleepers.splice(0)) wake()
      await arrived
      await one[Symbol.asyncDispose]()
      expect(lab.problems).toMatchObject([{ code: 'INTERNAL' }])
    })
  })
})
