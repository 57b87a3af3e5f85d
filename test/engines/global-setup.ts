import type { TestProject } from 'vitest/node'
import { installEngines, lacksEngines } from './find-engines.ts'
import { keepEngine } from './keep-engine.ts'

/** Where Redis and RabbitMQ are, or why they are not. */
export type ProvidedEngines = { readonly redis: string; readonly amqp: string } | { readonly missing: string }

declare module 'vitest' {
  export interface ProvidedContext {
    engines: ProvidedEngines
  }
}

/** Brings one of each up before the `queue` project and takes them down after. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = lacksEngines()
  if (missing !== undefined) {
    if (process.env.CI)
      throw new Error(`In CI the queue's tests need Redis and RabbitMQ: ${missing}\nTo install them: ${installEngines}`)
    console.warn(`The queue is not tested. ${missing}\nTo install what it needs: ${installEngines}`)
    project.provide('engines', { missing })
    return async () => {}
  }
  const [redis, rabbitmq] = await Promise.all([keepEngine('redis'), keepEngine('rabbitmq')])
  project.provide('engines', { redis: redis.url, amqp: rabbitmq.url })
  return async () => {
    await Promise.all([redis.stop(), rabbitmq.stop()])
  }
}
