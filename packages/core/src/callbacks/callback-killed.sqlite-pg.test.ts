import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { callbackKitOptions } from '../../test/callback-kit.ts'
import type { FromReceiver, ReceivedCallback, ToReceiver } from '../../test/callback-receiver.ts'
import { createVirtkit } from '../virtkit.ts'

const program = (name: string): string => fileURLToPath(new URL(`../../test/${name}.ts`, import.meta.url))
const execArgv = ['--conditions=@virtkit/source']
const kills = 10
const machines = 40
const [started, ready, deleted] = ['install.started', 'install.ready', 'machine.deleted']
const types = ['install.started', 'install.succeeded', 'machine.deleted']

eachDatabase((db) => {
  const children: ChildProcess[] = []
  let cache = ''
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'virtkit-callbacks-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await rm(cache, { recursive: true, force: true })
  })

  it('with a sender that is killed ten times no callback is lost, each machine’s come in order, and each has one id', async () => {
    const location = await db.options()
    await using kit = await createVirtkit({ ...callbackKitOptions(location), operations: { work: false } })
    const receiver = fork(program('callback-receiver'), [], { execArgv })
    children.push(receiver)
    const tell = (message: ToReceiver): void => void receiver.send(message)
    const { port } = (await once(receiver, 'message'))[0] as Extract<FromReceiver, { port: number }>
    const url = `http://127.0.0.1:${port}/`
    const callback = await kit.callbacks.add({ successUrl: url, errorUrl: url, startUrl: url, deleteUrl: url })
    tell({ secret: callback.secret.reveal() })
    const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: 'simulated:' } })
    await kit.clusters.update(cluster.key, { callbacks: [callback.key] })
    await kit.database.transaction(async (queries) => {
      for (const type of [started, ready, deleted])
        for (let machine = 1; machine <= machines; machine += 1) {
          const event = {
            type: type!,
            subject: `machine/${machine}`,
            data: { cluster: cluster.key, name: `web-${machine}` },
          }
          await kit.events.append(queries, event)
        }
    })

    const start = (): ChildProcess => {
      const child = spawn(process.execPath, [...execArgv, program('callback-victim'), JSON.stringify(location)], {
        stdio: ['ignore', 'ignore', 'inherit'],
        // Eleven processes load the same modules.
        env: { ...process.env, NODE_COMPILE_CACHE: cache },
      })
      children.push(child)
      return child
    }
    for (let killed = 0; killed < kills; killed += 1) {
      const victim = start()
      tell({ victim: victim.pid! })
      await once(victim, 'exit')
      expect(victim.signalCode).toBe('SIGKILL')
    }
    start()
    const delivered = () => kit.callbacks.deliveries(callback.key, { state: 'delivered', limit: 1000 })
    await expect.poll(async () => (await delivered()).length, { timeout: 100_000, interval: 200 }).toBe(3 * machines)

    tell('report')
    const [report] = (await once(receiver, 'message')) as [Extract<FromReceiver, { received: unknown }>]
    expect(report).toMatchObject({ refused: [], kills })
    const ids = new Set(report.received.map(({ id }) => id))
    expect(ids).toEqual(new Set((await delivered()).map(({ id }) => id)))
    // Half of the kills came before the sender had its answer: those had to be told again, and nothing else was.
    expect(report.received.length).toBeGreaterThanOrEqual(ids.size + kills / 2)
    const bySubject = Map.groupBy(report.received, ({ subject }) => subject)
    expect(bySubject.size).toBe(machines)
    for (const [subject, told] of bySubject)
      expect([subject, firstOfEach(told), isInOrder(told)]).toEqual([subject, types, true])
  }, 300_000)
})

/** Types in the order in which they came first; with as many ids as types. */
function firstOfEach(told: readonly ReceivedCallback[]): readonly string[] {
  expect(new Set(told.map(({ id, type }) => `${id} ${type}`)).size).toBe(new Set(told.map(({ type }) => type)).size)
  return [...new Set(told.map(({ type }) => type))]
}

/** Also a repetition never comes after what followed it. */
function isInOrder(told: readonly ReceivedCallback[]): boolean {
  return told.every(({ type }, index) => index === 0 || types.indexOf(type) >= types.indexOf(told[index - 1]!.type))
}
