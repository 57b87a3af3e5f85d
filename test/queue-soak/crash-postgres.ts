import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'pg'

/**
 * Kills one of the server's own processes: PostgreSQL ends every session, and comes back by way of its log. Where its processes are out of
 * reach, it is asked to end all sessions. Promises: it answers again.
 */
export async function crashPostgres(pool: Pool): Promise<void> {
  const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
  const { rows } = await pool.query<{ pid: number }>(`select pid ${others} limit 1`)
  try {
    process.kill(rows[0]!.pid, 'SIGKILL')
  } catch {
    await pool.query(`select pg_terminate_backend(pid) ${others}`)
  }
  await answersAgain(pool)
}

/** The server may need a moment to notice, and refuses everybody while it reads its log. */
async function answersAgain(pool: Pool): Promise<void> {
  const deadline = Date.now() + 60_000
  for (let answers = 0; answers < 3;) {
    await pause(100)
    try {
      await pool.query('select 1')
      answers += 1
    } catch (error) {
      if (Date.now() > deadline) throw error
      answers = 0
    }
  }
}
