import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { QueueEngine, QueueMessage } from '../queue-engine.ts'
import type { EngineTarget } from './engine-target.ts'
import { Inbox, textOf } from './inbox.ts'

/** One promise of `QueueEngine`. */
export interface EngineCase {
  readonly name: string
  run(lab: EngineLab): Promise<void>
}

export interface EngineLab {
  readonly target: EngineTarget
  /** A queue that nobody has used. */
  readonly queue: string
  /** Another client of the same engine. It is closed after the case. */
  open(): Promise<QueueEngine>
}

const message = (text: string): QueueMessage => ({
  id: randomUUID(),
  type: 'test.said',
  contentType: 'application/json',
  body: { text },
})
const numbered = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `${from + index}`)

/** As data: a test runner, and whoever writes an engine, runs the same list. */
export const engineCases: readonly EngineCase[] = [
  {
    name: 'what is sent is told in its order, whether anybody listened or not',
    run: async ({ queue, open }) => {
      const engine = await open()
      await engine.send(queue, numbered(0, 30).map(message))
      await engine.send(queue, numbered(30, 1).map(message))
      const inbox = new Inbox()
      await using _ = await (await open()).consume(queue, inbox.take)
      await inbox.until((told) => told.length >= 31)
      await engine.send(queue, numbered(31, 20).map(message))
      await inbox.until((told) => told.length >= 51)
      assert.deepEqual(inbox.told, numbered(0, 51))
    },
  },
  {
    name: 'what was not taken is told again, and the others meanwhile',
    run: async ({ queue, open }) => {
      const engine = await open()
      const inbox = new Inbox()
      await using _ = await engine.consume(
        queue,
        async ({ body }) => {
          const text = textOf(body)
          inbox.add(text)
          if (text === 'hard' && inbox.told.filter((each) => each === 'hard').length < 3) throw new Error('not now')
        },
        { concurrency: 2 },
      )
      await engine.send(queue, ['hard', 'easy', 'easy too'].map(message))
      await inbox.until((told) => told.filter((each) => each === 'hard').length === 3 && told.length === 5)
    },
  },
  {
    name: 'what is delayed comes later, and what is behind it before',
    run: async ({ queue, open }) => {
      const engine = await open()
      const inbox = new Inbox()
      await using _ = await engine.consume(queue, inbox.take)
      await engine.send(queue, [message('late')], { delayMs: 1000 })
      await engine.send(queue, [message('early')])
      await inbox.until((told) => told.length === 2)
      assert.deepEqual(inbox.told, ['early', 'late'])
    },
  },
  {
    name: 'those who consume one queue share it',
    run: async ({ queue, open }) => {
      const [one, other] = [await open(), await open()]
      const inbox = new Inbox()
      const takers = new Set<QueueEngine>()
      const take = (engine: QueueEngine) => async (delivery: Parameters<Inbox['take']>[0]) => {
        takers.add(engine)
        // Nobody is done before both have something.
        for (const until = Date.now() + 30_000; takers.size < 2 && Date.now() < until;) await pause(5)
        await inbox.take(delivery)
      }
      await using both = new AsyncDisposableStack()
      for (const engine of [one, other]) both.use(await engine.consume(queue, take(engine)))
      await one.send(queue, numbered(0, 20).map(message))
      await inbox.until((told) => told.length === 20)
      assert.deepEqual([inbox.told.toSorted(), takers.size], [numbered(0, 20).toSorted(), 2])
    },
  },
  {
    name: 'who closes ends what it has under way, and leaves the rest to others',
    run: async ({ queue, open }) => {
      const engine = await open()
      const inbox = new Inbox()
      const begun = Promise.withResolvers<void>()
      const consumer = await engine.consume(queue, async (delivery) => {
        begun.resolve()
        await pause(300)
        await inbox.take(delivery)
      })
      await engine.send(queue, numbered(0, 3).map(message))
      await begun.promise
      await consumer.close()
      const taken = inbox.told.length
      assert.ok(taken >= 1 && taken < 3, `it took ${taken}`)
      await using _ = await (await open()).consume(queue, inbox.take)
      await inbox.until((told) => told.length === 3)
      assert.deepEqual(inbox.told.toSorted(), numbered(0, 3))
    },
  },
  {
    name: 'an engine that is away is waited for, without a rush, and nothing is lost',
    run: async ({ queue, open, target }) => {
      const [sender, taker] = [await open(), await open()]
      const inbox = new Inbox()
      await using _ = await taker.consume(queue, inbox.take)
      await sender.send(queue, [message('before')])
      await inbox.until((told) => told.includes('before'))
      const attemptsBefore = target.attempts()
      target.cut()
      try {
        const meanwhile = sender.send(queue, [message('meanwhile')], { signal: AbortSignal.timeout(2_000) })
        assert.equal(await meanwhile.then(() => 'sent').catch(() => 'not sent'), 'not sent')
        await pause(1_000)
        const attempts = target.attempts() - attemptsBefore
        assert.ok(attempts < 100, `${attempts} attempts to reach it in three seconds`)
      } finally {
        target.mend()
      }
      await untilSent(sender, queue, message('after'))
      await inbox.until((told) => told.includes('after'))
    },
  },
]

async function untilSent(engine: QueueEngine, queue: string, what: QueueMessage): Promise<void> {
  for (;;) {
    try {
      return await engine.send(queue, [what], { signal: AbortSignal.timeout(60_000) })
    } catch {
      await pause(200)
    }
  }
}
