import { type Clock, type Hypervisor, Secret, VirtkitError, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AesKeyring } from '../access/aes-keyring.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import { ClusterConnector } from './cluster-connector.ts'
import { CredentialVault } from './credential-vault.ts'
import { LiveConnections } from './live-connections.ts'

interface Attempt {
  readonly options: { readonly url: string; readonly password: Secret; readonly zone?: string }
  readonly signal: AbortSignal
  succeed(): void
  fail(error: Error): void
}

eachDatabase((db) => {
  describe('LiveConnections', () => {
    let open: OpenDatabase
    let attempts: Attempt[]
    let arrivals: (() => void)[]
    let closed: number[]
    let listener: ((event: { subject: string }) => void) | undefined
    let connections: LiveConnections
    const vault = new CredentialVault(new AesKeyring([{ id: 'a', key: Buffer.alloc(32) }]))
    const never = new AbortController().signal

    // Each connect waits until the test lets it succeed or fail.
    const driver = {
      spec: 1 as const,
      name: 'acme',
      options: {
        '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value: value as never }) },
      },
      connect: (options: Attempt['options'], call: { signal: AbortSignal }) =>
        new Promise<Hypervisor>((resolve, reject) => {
          const number = attempts.length
          const hypervisor = { number, [Symbol.asyncDispose]: async () => void closed.push(number) }
          call.signal.addEventListener('abort', () => reject(new VirtkitError('CANCELLED', 'Cancelled.', { details: {} })))
          attempts.push({
            options,
            signal: call.signal,
            succeed: () => resolve(hypervisor as unknown as Hypervisor),
            fail: reject,
          })
          for (const arrive of arrivals.splice(0)) arrive()
        }),
    }
    const attempt = async (index: number): Promise<Attempt> => {
      while (!attempts[index]) await new Promise<void>((resolve) => arrivals.push(resolve))
      return attempts[index]
    }
    const connected = async (index: number, wanted: Promise<Hypervisor>): Promise<Hypervisor> => {
      ;(await attempt(index)).succeed()
      return wanted
    }
    const make = (clock: Clock = systemClock): LiveConnections => {
      const on = (_: string, listen: (event: never) => void) => {
        listener = listen as typeof listener
        return () => (listener = undefined)
      }
      return new LiveConnections(open.database, new ClusterConnector([driver]), vault, { on } as never, clock)
    }

    beforeEach(async () => {
      ;[attempts, arrivals, closed] = [[], [], []]
      open = await openDatabase(await db.options())
      const { queries } = open.database
      const rest = { name: 'c', url: 'https://east', username: 'root', insecure: false, http: false }
      await vault.insert(queries, { ...rest, password: new Secret('hunter2') })
      const cluster = { name: 'c', type: 'acme', credentialsKey: 1, options: '{"zone":"a"}' }
      await queries.insertInto('clusters').values(cluster).execute()
      connections = make()
    })
    afterEach(async () => {
      await connections[Symbol.asyncDispose]()
      await open[Symbol.asyncDispose]()
    })

    it('callers share one session, opened with options and credentials', async () => {
      const wanted = [connections.to(1, never), connections.to(1, never)]
      const first = await connected(0, wanted[0]!)
      expect(await wanted[1]).toBe(first)
      expect(await connections.to(1, never)).toBe(first)
      expect(attempts).toHaveLength(1)
      expect(attempts[0]!.options).toMatchObject({
        zone: 'a',
        url: 'https://east',
        username: 'root',
        insecure: false,
        http: false,
      })
      expect(attempts[0]!.options.password.reveal()).toBe('hunter2')
    })

    it('when the last one gives up, connecting ends, and the next one begins anew', async () => {
      const impatient = new AbortController()
      const given = connections.to(1, impatient.signal)
      await attempt(0)
      impatient.abort()
      await expect(given).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(attempts[0]!.signal.aborted).toBe(true)
      expect(await connected(1, connections.to(1, never))).toMatchObject({ number: 1 })
    })

    it('a failure is told, and not kept', async () => {
      const wanted = connections.to(1, never)
      const refusal = new VirtkitError('UNAUTHENTICATED', 'Wrong password.', { details: {} })
      void attempt(0).then((first) => first.fail(refusal))
      await expect(wanted).rejects.toBe(refusal)
      expect(await connected(1, connections.to(1, never))).toMatchObject({ number: 1 })
    })

    it('of many who find one session broken, only the first drops it', async () => {
      const broken = await connected(0, connections.to(1, never))
      await connections.drop(1, broken)
      const next = await connected(1, connections.to(1, never))
      await connections.drop(1, broken)
      expect(await connections.to(1, never)).toBe(next)
      expect(closed).toEqual([])
    })

    it('changed credentials are noticed at the next call, whoever changed them', async () => {
      await connected(0, connections.to(1, never))
      await vault.update(open.database.queries, 1, { password: new Secret('new') })
      await connected(1, connections.to(1, never))
      expect(attempts[1]!.options.password.reveal()).toBe('new')
      await open.database.queries.updateTable('clusters').set({ options: '{"zone":"b"}' }).execute()
      await connected(2, connections.to(1, never))
      expect(attempts[2]!.options.zone).toBe('b')
    })

    it('a password that is only sealed anew changes nothing', async () => {
      const first = await connected(0, connections.to(1, never))
      await vault.update(open.database.queries, 1, { password: new Secret('hunter2') })
      expect(await connections.to(1, never)).toBe(first)
    })

    it('a dropped session is replaced, and closed once its successor is dropped too', async () => {
      await connected(0, connections.to(1, never))
      await connections.drop(1)
      await connections.drop(1)
      await connected(1, connections.to(1, never))
      expect(closed).toEqual([])
      await connections.drop(1)
      await connected(2, connections.to(1, never))
      expect(closed).toEqual([0])
    })

    it('sessions of a cluster that is removed are closed', async () => {
      await connected(0, connections.to(1, never))
      await open.database.queries.deleteFrom('clusters').execute()
      listener?.({ subject: 'cluster/1' })
      await expect(connections.to(1, never)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(closed).toEqual([0])
    })

    it('closing closes all, once, and then refuses', async () => {
      await connected(0, connections.to(1, never))
      await connections.drop(1)
      await connected(1, connections.to(1, never))
      await Promise.all([connections[Symbol.asyncDispose](), connections[Symbol.asyncDispose]()])
      expect(closed.toSorted()).toEqual([0, 1])
      await expect(connections.to(1, never)).rejects.toMatchObject({ code: 'CANCELLED', message: 'This kit is closed.' })
      expect(listener).toBeUndefined()
    })

    it('closing ends a connect under way, and a session that comes late is closed at once', async () => {
      const wanted = connections.to(1, never)
      const late = await attempt(0)
      late.succeed()
      const closing = connections[Symbol.asyncDispose]()
      await Promise.allSettled([wanted])
      await closing
      expect(late.signal.aborted).toBe(true)
      expect(closed).toEqual([0])
    })

    it('a session that will not close does not hold up the kit', async () => {
      const waits: number[] = []
      const clock: Clock = { ...systemClock, sleep: async (ms) => void waits.push(ms) }
      const bounded = make(clock)
      const hypervisor = await connected(0, bounded.to(1, never))
      Object.assign(hypervisor, { [Symbol.asyncDispose]: () => new Promise(() => {}) })
      await bounded[Symbol.asyncDispose]()
      expect(waits).toEqual([5000])
    })

    it('an unknown cluster is not found', async () => {
      await expect(connections.to(2, never)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        details: { what: 'cluster', id: '2' },
      })
      await expect(connections.to(2 ** 40, never)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })
  })
})
