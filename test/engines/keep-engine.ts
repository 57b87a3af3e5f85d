import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Server {
  readonly url: string
  /** Kills it, and starts it again on the same port with what it kept. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Brings a Redis or a RabbitMQ up that ends with this process, however this process ends. Throws when Debian did not bring one. */
export async function keepEngine(name: 'redis' | 'rabbitmq'): Promise<Server> {
  const program = fileURLToPath(new URL('serve-engine.ts', import.meta.url))
  const keeper = spawn(process.execPath, [program, name], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(keeper, 'close')
  let said = ''
  keeper.stderr.on('data', (chunk: Buffer) => (said += chunk))
  const lines = createInterface({ input: keeper.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<{ url: string }> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(said.trim() || `${name} could not be started`)
    return JSON.parse(line.value) as { url: string }
  }
  const { url } = await next()
  return {
    url,
    restart: async () => {
      keeper.stdin.write('restart\n')
      await next()
    },
    stop: async () => {
      keeper.stdin.end()
      await ended
    },
  }
}
