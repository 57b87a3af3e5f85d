import { randomUUID } from 'node:crypto'
import {
  type Clock,
  type DomainEvent,
  type NotificationChannel,
  type NotificationMessage,
  type Unsent,
  VirtkitError,
} from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Logins } from '../access/logins.ts'
import { RoleAccess } from '../access/role-access.ts'
import { SqlUsers } from '../access/sql-users.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import { NoticeFeed } from './notice-feed.ts'
import { NotificationSender } from './notification-sender.ts'
import { NotificationStore } from './notification-store.ts'

const events: Events = { append: async () => {}, on: () => () => {}, list: async () => [] }
const passwords = { hash: async () => 'hash', matches: async () => false }

eachDatabase((db) => {
  describe('NotificationSender', () => {
    let open: OpenDatabase
    let feed: NoticeFeed
    let admin: number
    let now: number
    let sent: NotificationMessage[]
    let answer: (message: NotificationMessage, signal: AbortSignal) => Promise<Unsent | void>
    let problems: VirtkitError[]
    const clock: Clock = {
      now: () => now,
      steady: () => now,
      during: (work) => work(),
      sleep: (_, signal) =>
        new Promise((resolve, reject) => {
          setTimeout(resolve, 5)
          signal?.addEventListener('abort', () => reject(signal.reason))
        }),
    }
    const channel: NotificationChannel = {
      type: 'pager',
      problemWith: () => undefined,
      send: async (message, signal) => {
        const result = await answer(message, signal)
        if (!result) sent.push(message)
        return result
      },
    }
    const sender = (channels = [channel]): NotificationSender =>
      new NotificationSender(open.database, channels, clock, randomUUID, {
        onError: (error) => void problems.push(error),
        random: () => 0,
      })
    const happening = (type: string, data = {}, subject = 'machine/1', id: string = randomUUID()): DomainEvent => {
      return { position: 1, id, type, subject, at: now, data }
    }
    const tell = (...words: Parameters<typeof happening>) => feed.deliver([happening(...words)])
    const failure = (name: string) => tell('install.failed', { name, reason: 'No disk.' })
    const deliveries = () => open.database.queries.selectFrom('notificationDeliveries').selectAll().orderBy('key').execute()
    const addUser = async (groups: readonly string[], member: readonly number[] = []) => {
      const { queries } = open.database
      const row = { name: randomUUID(), passwordHash: '', createdAt: 0 }
      const { key } = await queries.insertInto('users').values(row).returning('key').executeTakeFirstOrThrow()
      for (const permissionGroup of groups)
        await queries.insertInto('userPermissionGroups').values({ userKey: key, permissionGroup }).execute()
      for (const groupKey of member)
        await queries.insertInto('userGroupMembers').values({ userKey: key, groupKey }).execute()
      return key
    }
    const addFilter = async (userKey: number, severities = ['error', 'critical'], recipient = '+1') => {
      const row = {
        userKey,
        type: 'pager',
        recipient,
        severities: JSON.stringify(severities),
        createdAt: now,
        gatheredAt: 0,
      }
      return open.database.queries.insertInto('notificationFilters').values(row).execute()
    }

    beforeEach(async () => {
      now = Date.UTC(2026, 10, 26)
      ;[sent, problems] = [[], []]
      answer = async () => {}
      open = await openDatabase(await db.options())
      const logins = new Logins(open.database, events, clock, passwords)
      const users = new SqlUsers(open.database, new RoleAccess(), events, clock, passwords, logins)
      feed = new NoticeFeed(open.database, users)
      admin = await addUser(['administrator'])
      await addFilter(admin)
    })
    afterEach(() => open[Symbol.asyncDispose]())

    it('what a filter lets pass is told at once, once, and logged', async () => {
      await tell('install.ready', { name: 'quiet' })
      const event = happening('install.failed', { name: 'web-1', reason: 'No disk.' })
      await feed.deliver([event])
      await feed.deliver([event])
      expect(await sender().sendDue()).toBe(1)
      expect(await sender().sendDue()).toBe(0)
      expect(sent.map(({ notices }) => notices.length)).toEqual([1])
      expect(sent).toMatchObject([
        {
          to: '+1',
          user: admin,
          severity: 'error',
          title: 'error: The installation of web-1 failed',
          notices: [{ text: 'No disk.', subject: 'machine/1', at: now }],
        },
      ])
      expect(await deliveries()).toMatchObject([{ id: sent[0]!.id, state: 'delivered', attempts: 1, endedAt: now }])
    })

    it('a storm is one message at once and one when its minute is over', async () => {
      await failure('web-0')
      const store = new NotificationStore(open.database)
      const [seen] = await store.ripe(now, 60_000, 1)
      await sender().sendDue()
      await feed.deliver(Array.from({ length: 250 }, (_, n) => happening('install.failed', { name: `web-${n + 1}` })))
      // Another sender had looked before the first message was put together: it comes second, and gathers nothing.
      await store.gather(seen!, randomUUID(), now)
      now += 59_999
      expect(await sender().sendDue()).toBe(0)
      now += 1
      expect(await sender().sendDue()).toBe(1)
      expect(sent.map(({ title }) => title)).toEqual([
        'error: The installation of web-0 failed',
        'error: 250 notices (250 error)',
      ])
      expect(sent[1]!.notices.map(({ title }) => title).at(0)).toBe('The installation of web-1 failed')
      expect(sent[1]!.text).toMatch(/And 150 more/)
      now += 60_000
      expect(await sender().sendDue()).toBe(0)
    })

    it('of many senders one gathers and one sends each message', async () => {
      for (let user = 0; user < 5; user += 1) await addFilter(await addUser(['administrator']))
      for (let round = 0; round < 3; round += 1) {
        await Promise.all([failure('a'), failure('b')])
        await Promise.all(Array.from({ length: 4 }, () => sender().sendDue()))
        await sender().sendDue()
        now += 60_000
      }
      expect(sent.flatMap(({ notices }) => notices)).toHaveLength(6 * 2 * 3)
      expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length)
      expect((await deliveries()).map(({ state }) => state)).toEqual(sent.map(() => 'delivered'))
    })

    it('what a dead sender had claimed is sent by another, later, with the same id', async () => {
      await failure('web-1')
      answer = async (message) => {
        sent.push(message)
        return { failed: 'killed' }
      }
      await sender().sendDue()
      // As it stands when the process is killed after it sent, and before it marked.
      const claimed = { attempts: 1, dueAt: now + 120_000, problem: null }
      await open.database.queries.updateTable('notificationDeliveries').set(claimed).execute()
      answer = async () => {}
      expect(await sender().sendDue()).toBe(0)
      now += 120_000
      expect(await sender().sendDue()).toBe(1)
      const [first, second] = sent
      expect(second).toEqual(first)
      expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2 }])
    })

    it('one who was overtaken marks nothing', async () => {
      await failure('web-1')
      answer = async () => {
        await open.database.queries
          .updateTable('notificationDeliveries')
          .set({ attempts: 2, dueAt: now + 5 })
          .execute()
      }
      await sender().sendDue()
      expect(await deliveries()).toMatchObject([{ state: 'due', attempts: 2, dueAt: now + 5 }])
    })

    it('what fails is tried again later, with its reason in the log, and given up after the last time', async () => {
      await failure('web-1')
      answer = async () => ({ failed: 'The server is down.' })
      await sender().sendDue()
      const later = { state: 'due', attempts: 1, dueAt: now + 5000, problem: 'The server is down.', endedAt: null }
      expect(await deliveries()).toMatchObject([later])
      now += 5000
      answer = async () => {
        throw new Error('token hunter2 in an URL')
      }
      await sender().sendDue()
      expect(await deliveries()).toMatchObject([{ attempts: 2, problem: 'The channel pager failed.' }])
      answer = async () => {
        throw new VirtkitError('PEER_MISSING', 'It needs a package.', { details: { package: 'p', install: 'i' } })
      }
      await open.database.queries.updateTable('notificationDeliveries').set({ attempts: 9, dueAt: now }).execute()
      await sender().sendDue()
      expect(await deliveries()).toMatchObject([{ state: 'dead', problem: 'It needs a package.', endedAt: now }])
      expect(problems).toEqual([])
    })

    it('a server that comes back is told what waited; one that refuses is not asked again', async () => {
      await failure('web-1')
      answer = async () => ({ failed: 'down' })
      await sender().sendDue()
      now += 5000
      // A process without the channel leaves it to one that has it.
      await sender([]).sendDue()
      expect(await deliveries()).toMatchObject([{ state: 'due', problem: 'There is no channel pager in this process.' }])
      answer = async () => {}
      now += 300_000
      await sender().sendDue()
      expect(await deliveries()).toMatchObject([{ state: 'delivered', problem: null, attempts: 3 }])
      const [told] = await deliveries()
      expect(JSON.parse(told!.history)).toEqual([
        { at: now - 305_000, problem: 'down' },
        { at: now - 300_000, problem: 'There is no channel pager in this process.' },
        { at: now },
      ])
      now += 60_000
      await failure('web-2')
      answer = async () => ({ refused: 'Unknown number.' })
      await sender().sendDue()
      now += 86_400_000
      expect(await sender().sendDue()).toBe(0)
      expect((await deliveries()).at(-1)).toMatchObject({ state: 'refused', problem: 'Unknown number.', attempts: 1 })
    })

    it('people are told of what they may see, and of nothing else', async () => {
      const { queries } = open.database
      const groups = ['ours', 'theirs'].map((name) => ({ name, createdAt: 0 }))
      const made = await queries.insertInto('userGroups').values(groups).returning('key').execute()
      const [ours = 0, theirs = 0] = made.map(({ key }) => key)
      const most = ['error', 'info', 'warning']
      await addFilter(await addUser(['user'], [ours]), most, 'ours')
      await addFilter(await addUser(['user'], [theirs]), most, 'theirs')
      await addFilter(await addUser([], [ours]), most, 'nobody')
      // Of a machine that is gone, its last operation tells whose it was.
      const gone = { subject: 'machine/7', groupKey: ours, clusterKey: 1, createdAt: now, wakeAt: now, endedAt: now }
      const texts = { id: 'o1', kind: 'k', input: '{}', outputs: '{}', state: 'succeeded' as const, trace: 't', queue: '/' }
      await queries
        .insertInto('operations')
        .values({ ...gone, ...texts, parkedAt: now } as never)
        .execute()
      await tell('install.failed', { name: 'a' }, 'machine/7')
      await tell('install.failed', { name: 'b' }, 'machine/8')
      await tell('license.removed', {}, 'license')
      await sender().sendDue()
      const heard = Object.fromEntries(sent.map(({ to, notices }) => [to, notices.map(({ title }) => title)]))
      expect(heard).toEqual({
        '+1': ['The installation of a failed', 'The installation of b failed'],
        ours: ['The installation of a failed'],
      })
    })

    it('what happened before a filter was made is not told, nor anything to a user who is removed', async () => {
      now -= 1
      await failure('old')
      now += 1
      await failure('new')
      await sender().sendDue()
      expect(sent.map(({ title }) => title)).toEqual(['error: The installation of new failed'])
      now += 60_000
      await failure('waiting')
      await open.database.queries.deleteFrom('users').execute()
      await failure('later')
      expect(await sender().sendDue()).toBe(0)
      expect(await open.database.queries.selectFrom('notices').selectAll().execute()).toEqual([])
    })

    it('the log forgets what ended a month ago, and keeps what is still to be told', async () => {
      await failure('web-1')
      await sender().sendDue()
      answer = async () => ({ failed: 'down' })
      now += 60_000
      await failure('web-2')
      await sender().sendDue()
      now += 31 * 86_400_000
      const one = sender()
      one.start()
      while ((await deliveries()).length > 1) await new Promise((resolve) => setTimeout(resolve, 5))
      await one[Symbol.asyncDispose]()
      expect(await deliveries()).toMatchObject([{ title: 'error: The installation of web-2 failed' }])
      expect(await open.database.queries.selectFrom('notices').select('title').execute()).toHaveLength(1)
    })

    it('closing breaks off an attempt, which then does not count', async () => {
      await failure('web-1')
      const one = sender()
      await new Promise<void>((begun) => {
        answer = (_, signal) => {
          begun()
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ failed: 'broken off' })))
        }
        one.start()
        one.start()
      })
      await one[Symbol.asyncDispose]()
      expect(await deliveries()).toMatchObject([{ state: 'due', attempts: 0, dueAt: now, problem: null }])
    })
  })
})
