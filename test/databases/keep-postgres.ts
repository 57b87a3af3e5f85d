import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findPostgres } from './find-postgres.ts'
import type { PostgresOptions } from './postgres-server.ts'

export interface KeptPostgres {
  /** A superuser's URL to the database `postgres`. */
  readonly url: string
  stop(): Promise<void>
}

/** Brings a PostgreSQL up that ends with this process, however this process ends. Throws when npm did not bring one. */
export async function keepPostgres({ quick = false }: PostgresOptions = {}): Promise<KeptPostgres> {
  const found = await findPostgres()
  if ('missing' in found) throw new Error(found.missing)
  const program = fileURLToPath(new URL('serve-postgres.ts', import.meta.url))
  const keeper = spawn(process.execPath, quick ? [program, '--quick'] : [program], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(keeper, 'close')
  let said = ''
  keeper.stderr.on('data', (chunk: Buffer) => (said += chunk))
  const first = once(createInterface({ input: keeper.stdout }), 'line')
  const line = await Promise.race([first.then(([text]) => String(text)), ended.then(() => undefined)])
  if (line === undefined) throw new Error(said.trim() || 'PostgreSQL could not be started')
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    stop: async () => {
      keeper.stdin.end()
      await ended
    },
  }
}
