import type { EngineTarget, OpenEngine } from '@virtkit/queue/conformance'
import { amqpEngine } from '@virtkit/queue/amqp'
import { bullmqEngine } from '@virtkit/queue/bullmq'
import { pgBossEngine } from '@virtkit/queue/pg-boss'
import { type CuttableProxy, cuttableProxy } from '@virtkit/test-engines/proxy'
import amqplib from 'amqplib'
import { Queue, Worker } from 'bullmq'
import { PgBoss } from 'pg-boss'

export const engineNames = ['pg-boss', 'bullmq', 'amqp'] as const
export type EngineName = (typeof engineNames)[number]

/** Opens one of our engines at a server, by the real client: that each fits its slice is what the compiler says here. */
export async function openEngine(name: EngineName, url: string): Promise<OpenEngine> {
  if (name === 'pg-boss') {
    const boss = new PgBoss({ connectionString: url, superviseIntervalSeconds: 1, monitorIntervalSeconds: 1, max: 4 })
    boss.on('error', () => {}) // while the server is away
    await boss.start()
    return { engine: pgBossEngine(boss), close: () => boss.stop({ graceful: false }) }
  }
  if (name === 'bullmq') {
    const engine = bullmqEngine({ Queue, Worker, connection: { url } }, { lockMs: 2_000 })
    return { engine, close: () => engine.close() }
  }
  const connection = await amqplib.connect(url, { recovery: { maxDelay: 2_000 } })
  const engine = amqpEngine(connection)
  const close = async (): Promise<void> => {
    await engine.close()
    await connection.close()
  }
  return { engine, close }
}

/** An engine that can be taken away. */
export async function engineTarget(name: EngineName, serverUrl: string): Promise<EngineTarget & { proxy: CuttableProxy }> {
  const proxy = await cuttableProxy(serverUrl)
  const { cut, mend, attempts } = proxy
  return { name, proxy, open: () => openEngine(name, proxy.url), cut, mend, attempts }
}
