import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CallbackLab, openCallbackLab } from '../../test/callback-lab.ts'
import { DeliveryStore } from './delivery-store.ts'
import { signedHeaders } from './signature.ts'

eachDatabase((db) => {
  describe('what becomes of a callback', () => {
    let lab: CallbackLab
    beforeEach(async () => {
      lab = await openCallbackLab(await db.options())
    })
    afterEach(() => lab[Symbol.asyncDispose]())

    it('each attempt is in the log: when, and what became of it', async () => {
      await lab.tell('start')
      const [first, second] = [lab.now, lab.now + 5000]
      lab.answer = () => 502
      await lab.sender().sendDue()
      expect(await lab.callbacks.deliveries(1)).toMatchObject([{ problem: 'The receiver answered 502.', dueAt: second }])
      lab.now = second
      lab.answer = () => 204
      await lab.sender().sendDue()
      const [delivery] = await lab.callbacks.deliveries(1)
      expect(delivery).toEqual({
        key: 1,
        callback: 1,
        id: expect.stringMatching(/^msg_/),
        when: 'start',
        subject: 'machine/1',
        url: `${lab.base}/start`,
        state: 'delivered',
        attempts: 2,
        history: [{ at: first, problem: 'The receiver answered 502.' }, { at: second }],
        createdAt: first,
        endedAt: second,
      })
    })

    it('a receiver that is gone (410) is not asked again; one that is busy is left alone as long as it says', async () => {
      await lab.tell('start')
      await lab.tell('error', 'machine/2')
      lab.answer = ({ path }) => (path === '/start' ? 410 : 429)
      await lab.sender().sendDue()
      expect(await lab.deliveries()).toMatchObject([
        { state: 'dead', attempts: 1, problem: 'The receiver answered 410.' },
        { state: 'due', dueAt: lab.now + 7000 },
      ])
    })

    it('a dead letter is told again, first of all about its machine, with the id that it had, where such things go now', async () => {
      await lab.tell('start')
      await lab.tell('success')
      await lab.tell('start', 'machine/2')
      lab.answer = () => 410
      await lab.sender().sendDue()
      await lab.sender().sendDue()
      const ids = lab.received.map(({ headers }) => headers['webhook-id']).toSorted()
      expect((await lab.callbacks.deliveries(1, { state: 'dead' })).map(({ key }) => key)).toEqual([3, 2, 1])
      await lab.tell('error')
      const urls = { startUrl: `${lab.base}/begun`, successUrl: `${lab.base}/success`, errorUrl: `${lab.base}/error` }
      await lab.callbacks.update(1, urls)
      expect(await lab.callbacks.replay(1, 1)).toMatchObject({ state: 'due', attempts: 0, url: urls.startUrl })
      expect(await lab.callbacks.replayDead(1)).toBe(2)
      expect(await lab.callbacks.replayDead(1)).toBe(0)
      lab.received = []
      lab.answer = () => 204
      for (let round = 0; round < 4; round += 1) await lab.sender().sendDue()
      const about = (machine: string) => lab.received.filter(({ body }) => body.includes(machine)).map(({ path }) => path)
      expect(about('machine/1')).toEqual(['/begun', '/success', '/error'])
      expect(about('machine/2')).toEqual(['/begun'])
      expect(lab.received.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(expect.arrayContaining(ids))
      expect(lab.happened.filter(({ type }) => type === 'callback.replayed')).toMatchObject([
        { subject: 'callback/1', data: { delivery: 1, count: 1 } },
        { subject: 'callback/1', data: { count: 2 } },
      ])
      const twice = lab.callbacks.replay(1, 1)
      await expect(twice).rejects.toMatchObject({ code: 'CONFLICT', details: { with: 'delivered' } })
      await expect(lab.callbacks.replay(1, 99)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { what: 'delivery' } })
    })

    it('what waits goes to the URL that the callback is given, at once', async () => {
      await lab.tell('start')
      await lab.tell('success')
      lab.answer = () => 404
      await lab.sender().sendDue()
      await lab.callbacks.update(1, {
        startUrl: `${lab.base}/right`,
        successUrl: `${lab.base}/success`,
        errorUrl: `${lab.base}/error`,
      })
      lab.answer = () => 204
      await lab.sender().sendDue()
      await lab.sender().sendDue()
      expect(lab.paths()).toEqual(['/start', '/right', '/success'])
    })

    it('for a time the lab.secret of before signs as well, then the new one alone', async () => {
      const { secret: fresh, formerUntil } = await lab.callbacks.rotateSecret(1, { graceMs: 60_000 })
      expect(formerUntil).toBe(lab.now + 60_000)
      await lab.tell('start', 'machine/1')
      await lab.sender().sendDue()
      lab.now += 60_000
      await lab.tell('start', 'machine/2')
      await lab.sender().sendDue()
      const signatures = lab.received.map(({ headers, body }) => [
        headers['webhook-signature'],
        ...[fresh, lab.secret].map((each) => {
          const at = Number(headers['webhook-timestamp']) * 1000
          return signedHeaders({ id: String(headers['webhook-id']), body, at }, each)['webhook-signature']
        }),
      ])
      const [[both, byNew, byOld] = [], [alone, byNewToo] = []] = signatures
      expect(both).toBe(`${byNew} ${byOld}`)
      expect(alone).toBe(byNewToo)
      expect(fresh.reveal()).not.toBe(lab.secret.reveal())
      expect(JSON.stringify(lab.happened)).not.toContain(fresh.reveal())
      await lab.callbacks.rotateSecret(1, { graceMs: 0 })
      expect(await lab.database.queries.selectFrom('callbacks').select('formerSecret').execute()).toEqual([
        { formerSecret: null },
      ])
      await expect(lab.callbacks.rotateSecret(1, { graceMs: 31 * 86_400_000 })).rejects.toThrow(
        /^graceMs: must be at most 30 days/,
      )
    })

    it('what was delivered is forgotten after thirty days, a dead letter after ninety', async () => {
      await lab.tell('start', 'machine/1')
      await lab.tell('start', 'machine/2')
      lab.answer = ({ body }) => (body.includes('machine/1') ? 204 : 410)
      await lab.sender().sendDue()
      const store = new DeliveryStore(lab.database, lab.events)
      const day = 86_400_000
      await store.tidy((lab.now += 30 * day))
      expect(await lab.deliveries()).toHaveLength(2)
      await store.tidy((lab.now += 1))
      expect(await lab.deliveries()).toMatchObject([{ state: 'dead' }])
      await store.tidy((lab.now += 60 * day))
      expect(await lab.deliveries()).toEqual([])
    })

    it('a receiver in a private network is told nothing, unless it is allowed, and the log says why', async () => {
      await lab.tell('start')
      await lab.sender({ allow: [] }).sendDue()
      expect(lab.received).toEqual([])
      expect(await lab.callbacks.deliveries(1)).toMatchObject([
        { state: 'due', problem: expect.stringMatching(/private network/) },
      ])
    })
  })
})
