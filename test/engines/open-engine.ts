import type { QueueEngine } from '@virtkit/queue'
import { amqpEngine } from '@virtkit/queue/amqp'
import { bullmqEngine } from '@virtkit/queue/bullmq'
import { type PgBossQueueEngine, pgBossEngine } from '@virtkit/queue/pg-boss'
import amqplib from 'amqplib'
import { Queue, Worker } from 'bullmq'
import { PgBoss } from 'pg-boss'

export const engineNames = ['pg-boss', 'bullmq', 'amqp'] as const
export type EngineName = (typeof engineNames)[number]

export interface OpenedEngine {
  readonly engine: QueueEngine
  /** Closes the engine, and the client with it. */
  close(): Promise<void>
}

/**
 * Opens one of our engines at a server, by the real client: that each fits its slice is what the compiler says here. Who dies is missed
 * after some seconds, where tests wait for it.
 */
export async function openEngine(name: EngineName, url: string): Promise<OpenedEngine> {
  if (name === 'pg-boss') return openPgBoss(url)
  if (name === 'bullmq') {
    const engine = bullmqEngine({ Queue, Worker, connection: { url } }, { lockMs: 5_000 })
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

export async function openPgBoss(url: string): Promise<OpenedEngine & { readonly engine: PgBossQueueEngine }> {
  const boss = new PgBoss({ connectionString: url, superviseIntervalSeconds: 1, monitorIntervalSeconds: 1, max: 4 })
  boss.on('error', () => {}) // while the server is away
  await boss.start()
  const engine = pgBossEngine(boss, { expireInSeconds: 10 })
  const close = async (): Promise<void> => {
    await engine.close()
    await boss.stop({ graceful: false })
  }
  return { engine, close }
}
