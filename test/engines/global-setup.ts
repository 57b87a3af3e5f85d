import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { installEngines, lacksEngines } from './find-engines.ts'
import { keepEngine } from './keep-engine.ts'

/** Where Redis and RabbitMQ are, or why they are not. */
export type ProvidedEngines =
  | {
      readonly redis: string
      readonly amqp: string
      /** Whatever is sent to `<control>/redis` or `<control>/amqp` kills the server and starts it again. */
      readonly control: string
    }
  | { readonly missing: string }

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
  const control = createServer((request, response) => {
    const restarted = request.url === '/amqp' ? rabbitmq.restart() : redis.restart()
    void restarted.then(
      () => response.end(),
      () => response.destroy(),
    )
  }).listen(0, '127.0.0.1')
  await once(control, 'listening')
  const { port } = control.address() as AddressInfo
  project.provide('engines', { redis: redis.url, amqp: rabbitmq.url, control: `http://127.0.0.1:${port}` })
  return async () => {
    control.close()
    await Promise.all([redis.stop(), rabbitmq.stop()])
  }
}
