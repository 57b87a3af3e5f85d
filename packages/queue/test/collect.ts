import type { QueueEngine } from '@virtkit/queue'

export interface Collected<Body> {
  readonly queue: string
  readonly told: Body[]
  until(isThere: (told: readonly Body[]) => boolean): Promise<void>
}

/** Takes all that comes from a queue, until the engine closes. */
export async function collect<Body>(engine: QueueEngine, queue: string): Promise<Collected<Body>> {
  const told: Body[] = []
  let news = (): void => {}
  await engine.consume(queue, async ({ body }) => {
    told.push(body as Body)
    news()
  })
  return {
    queue,
    told,
    until: async (isThere) => {
      while (!isThere(told)) await new Promise<void>((resolve) => (news = resolve))
    },
  }
}
