import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { findPostgres } from './databases/find-postgres.ts'

const found = await findPostgres()

describe.skipIf('missing' in found)('the PostgreSQL of the tests', () => {
  it('ends with whoever started it, however that one ends', async () => {
    const program = fileURLToPath(new URL('databases/serve-postgres.ts', import.meta.url))
    const keeper = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(keeper, 'close')
    const [line] = (await once(createInterface({ input: keeper.stdout }), 'line')) as [string]
    const { url, pid } = JSON.parse(line) as { url: string; pid: number }
    const client = new Client({ connectionString: url })
    client.on('error', () => {}) // the server going away under it is what we are here for
    await client.connect()
    expect(process.kill(pid, 0)).toBe(true)

    keeper.stdin.destroy() // all that the system does for one that was killed
    await ended
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
    await expect(new Client({ connectionString: url }).connect()).rejects.toThrow(/ECONNREFUSED/)
  })
})
