import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { QueueEngine } from '@virtkit/queue'
import { type AmqpConnection, amqpEngine } from '@virtkit/queue/amqp'
import { type BullmqClient, bullmqEngine } from '@virtkit/queue/bullmq'
import { type PgBossClient, pgBossEngine } from '@virtkit/queue/pg-boss'
import { VirtkitError } from '@virtkit/spi'

export interface OpenEngine {
  readonly engine: QueueEngine
  close(): Promise<void>
}

interface Boss extends PgBossClient {
  on(event: 'error', listener: (error: unknown) => void): unknown
  start(): Promise<unknown>
  stop(options: { graceful: boolean }): Promise<void>
}

/** Opens the engine that a URL leads to. Throws `PEER_MISSING` when its package is not there, and what it says when it is not reached. */
export async function openEngine(url: string, cwd: string, onError: (error: unknown) => void): Promise<OpenEngine> {
  if (url.startsWith('postgres')) {
    const { PgBoss } = await load<{ PgBoss: new (url: string) => Boss }>('pg-boss', cwd)
    const boss = new PgBoss(url)
    boss.on('error', onError)
    await boss.start()
    const engine = pgBossEngine(boss, { onError })
    return { engine, close: closing(engine, () => boss.stop({ graceful: false })) }
  }
  if (url.startsWith('redis')) {
    const { Queue, Worker } = await load<Pick<BullmqClient, 'Queue' | 'Worker'>>('bullmq', cwd)
    const engine = bullmqEngine({ Queue, Worker, connection: { url } }, { onError })
    return { engine, close: () => engine.close() }
  }
  interface Amqplib {
    connect(url: string, options: { recovery: true }): Promise<AmqpConnection & { close(): Promise<void> }>
  }
  const { connect } = await load<Amqplib>('amqplib', cwd)
  const connection = await connect(url, { recovery: true })
  const engine = amqpEngine(connection, { onError })
  return { engine, close: closing(engine, () => connection.close()) }
}

function closing(engine: QueueEngine, more: () => Promise<void>): () => Promise<void> {
  return async () => {
    await engine.close()
    await more()
  }
}

/** Not named by any import: the command stands without it. As this command finds it, or as the folder does that it is called in. */
async function load<T>(name: string, cwd: string): Promise<T> {
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    let path: string
    try {
      path = createRequire(from).resolve(name)
    } catch {
      continue // perhaps in the other place
    }
    const module = (await import(pathToFileURL(path).href)) as T & { readonly default?: T }
    return module.default && typeof module.default === 'object' ? { ...module.default, ...module } : module
  }
  throw new VirtkitError('PEER_MISSING', `This engine needs the package ${name}, which is not installed.`, {
    details: { package: name, install: `npm install ${name}` },
  })
}
