import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from './keep-engine.ts'
import { programs } from './find-engines.ts'
import { freePort } from '@virtkit/test-databases/free-port'
import { type Program, runProgram } from './run-program.ts'

/** A Redis that keeps what it is told before it answers, as queues want it, and forgets nothing to make room. */
export async function startRedis(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-redis-'))
  const port = await freePort()
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
  }
  const run = (): Program =>
    runProgram(
      programs.redis,
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      { env: process.env, cwd: folder, says: 'Ready to accept connections' },
    )
  let program = run()
  const stop = async (): Promise<void> => {
    await program.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await program.ready
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    restart: async () => {
      await program.kill()
      program = run()
      await program.ready
    },
    stop,
  }
}
