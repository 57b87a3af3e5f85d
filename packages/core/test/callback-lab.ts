import { randomUUID } from 'node:crypto'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock, Secret, VirtkitError } from '@virtkit/spi'
import type { Selectable } from 'kysely'
import { AesKeyring } from '../src/access/aes-keyring.ts'
import { RoleAccess } from '../src/access/role-access.ts'
import { CallbackSender } from '../src/callbacks/callback-sender.ts'
import type { CallbackTables } from '../src/callbacks/callback-tables.ts'
import type { CallbackNotice } from '../src/callbacks/callbacks.ts'
import { Receivers } from '../src/callbacks/receivers.ts'
import { SqlCallbacks } from '../src/callbacks/sql-callbacks.ts'
import type { Database } from '../src/database/database.ts'
import { type DatabaseOptions, openDatabase } from '../src/database/open-database.ts'
import type { Events, NewEvent } from '../src/events/events.ts'

export interface ReceivedPost {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface CallbackLab extends AsyncDisposable {
  readonly database: Database
  readonly callbacks: SqlCallbacks
  readonly events: Events
  readonly clock: Clock
  /** Of callback 1, which cluster 1 tells. */
  readonly secret: Secret
  /** Where the receiver is. */
  readonly base: string
  now: number
  received: ReceivedPost[]
  /** Status per post; `undefined` never answers. */
  answer: (post: ReceivedPost) => number | undefined
  onRequest: () => void
  /** Those who wait for time to pass. */
  readonly sleepers: (() => void)[]
  readonly problems: VirtkitError[]
  readonly happened: NewEvent[]
  sender(
    options?: { readonly timeoutMs?: number; readonly allow?: readonly string[] },
    keyring?: AesKeyring,
  ): CallbackSender
  tell(when: CallbackNotice['when'], subject?: string, id?: string): Promise<void>
  deliveries(): Promise<Selectable<CallbackTables['callbackDeliveries']>[]>
  /** Of what was received. */
  paths(): string[]
}

export const ring = (id: string): AesKeyring => new AesKeyring([{ id, key: Buffer.alloc(32, id) }])
const here = ['127.0.0.0/8']

/** A database with a callback, a real receiver, and a clock that stands still. */
export async function openCallbackLab(location: DatabaseOptions): Promise<CallbackLab> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const post = { path: request.url ?? '', headers: request.headers, body }
      lab.received.push(post)
      const status = lab.answer(post)
      if (status !== undefined) response.writeHead(status, { location: '/elsewhere', 'retry-after': '7' }).end('thanks')
      lab.onRequest()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = await openDatabase(location)
  const { database } = open
  const events: Events = {
    append: async (_, event) => void lab.happened.push(event),
    on: () => () => {},
    list: async () => [],
  }
  const clock: Clock = {
    now: () => lab.now,
    steady: () => lab.now,
    during: (work) => work(),
    sleep: (_, signal) =>
      new Promise((resolve, reject) => {
        lab.sleepers.push(resolve)
        signal?.addEventListener('abort', () => reject(signal.reason))
        if (signal?.aborted) reject(signal.reason)
      }),
  }
  const parts = { database, access: new RoleAccess(), events, keyring: ring('a'), clock }
  const callbacks = new SqlCallbacks({ ...parts, receivers: new Receivers({ allow: here }) })
  const lab: Omit<CallbackLab, 'secret'> = {
    database,
    callbacks,
    events,
    clock,
    base,
    now: Date.UTC(2025, 0, 1),
    received: [],
    answer: () => 204,
    onRequest: () => {},
    sleepers: [],
    problems: [],
    happened: [],
    sender: ({ timeoutMs = 10_000, allow = here } = {}, keyring = ring('a')) => {
      const receivers = new Receivers({ allow, timeoutMs })
      const onError = (error: VirtkitError): void => void lab.problems.push(error)
      return new CallbackSender({ database, keyring, clock, events, random: () => 0, receivers }, { onError })
    },
    tell: (when, subject = 'machine/1', id = randomUUID()) => {
      const notice = { id, at: lab.now, when, subject, data: { name: 'web' } }
      return database.transaction((queries) => callbacks.enqueue(queries, 1, notice))
    },
    deliveries: () => database.queries.selectFrom('callbackDeliveries').selectAll().orderBy('key').execute(),
    paths: () => lab.received.map(({ path }) => path),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await open[Symbol.asyncDispose]()
    },
  }
  const urls = { startUrl: `${base}/start`, successUrl: `${base}/success`, errorUrl: `${base}/error` }
  const { secret } = await callbacks.add(urls)
  const { queries } = database
  const credentials = { name: 'c', username: '', password: '', url: '', insecure: 0, http: 0 }
  await queries.insertInto('credentials').values(credentials).execute()
  await queries.insertInto('clusters').values({ name: 'c', type: 't', credentialsKey: 1, options: '{}' }).execute()
  await queries.insertInto('clusterCallbacks').values({ clusterKey: 1, callbackKey: 1 }).execute()
  return Object.assign(lab, { secret })
}
