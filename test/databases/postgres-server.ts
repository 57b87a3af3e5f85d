import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PostgresPrograms } from './find-postgres.ts'
import { freePort } from './free-port.ts'
import { memoryFolder } from './memory-folder.ts'
import { reachablePrograms, reachableTemporaryFolder, unprivilegedUser } from './unprivileged-user.ts'

export interface PostgresServer {
  /** A superuser's URL to the database `postgres`. */
  readonly url: string
  readonly pid: number
  /** Stops the server and removes its files. Promises: calling it twice is fine. */
  stop(): Promise<void>
}

export interface PostgresOptions {
  /**
   * Data in memory where there is room: the same for whoever talks to it, ten times as quick where databases come and go; not for
   * figures.
   */
  readonly quick?: boolean
}

/** What is told to be kept is kept as in real life; in memory that costs nothing. */
const inMemory = ['max_wal_size=256MB']

/**
 * Starts a PostgreSQL of its own: fresh data, a free port on 127.0.0.1, a random password; on disk and with fsync, as in real life,
 * unless it is to be quick.
 */
export async function startPostgres(found: PostgresPrograms, options: PostgresOptions = {}): Promise<PostgresServer> {
  const user = unprivilegedUser()
  const home = mkdtempSync(join(reachableTemporaryFolder(user), 'virtkit-postgres-'))
  const memory = options.quick ? memoryFolder() : undefined
  // programs stay where they may be run: memory is often closed to them
  const dataHome = memory === undefined ? home : mkdtempSync(join(memory, 'virtkit-postgres-'))
  const remove = (): void => {
    for (const folder of new Set([home, dataHome])) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const programs = reachablePrograms(found, user, join(home, 'programs'))
    const password = randomBytes(18).toString('base64url')
    const passwordFile = join(home, 'password')
    writeFileSync(passwordFile, password, { mode: 0o600 })
    for (const path of user ? [home, dataHome, passwordFile] : []) chownSync(path, user!.uid, user!.gid)
    // the working folder must be one that the user may enter, ours may not be
    const asUser: SpawnOptions = { ...user, cwd: home, env: { ...process.env, LC_ALL: 'C', PGUSER: undefined } }

    const data = join(dataHome, 'data')
    const settings = ['--auth=scram-sha-256', '--username=virtkit', '--encoding=UTF8', '--locale=C', '--no-sync']
    await runToEnd(programs.initdb, ['-D', data, `--pwfile=${passwordFile}`, ...settings], asUser)

    const { server, port } = await startOnFreePort(programs.postgres, data, options.quick ? inMemory : [], asUser)
    const ended = once(server, 'exit')
    let stopping: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      if (server.exitCode === null && server.signalCode === null) {
        server.kill('SIGINT') // "fast shutdown": ends open sessions instead of waiting for them
        const tooLong = setTimeout(() => server.kill('SIGKILL'), 10_000)
        await ended
        clearTimeout(tooLong)
      }
      remove()
    }
    return {
      url: `postgres://virtkit:${password}@127.0.0.1:${port}/postgres`,
      pid: server.pid!,
      stop: () => (stopping ??= stop()),
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** PostgreSQL cannot be asked for port 0, so a port that was free a moment ago is tried, a few times if need be. */
async function startOnFreePort(
  program: string,
  data: string,
  more: readonly string[],
  options: SpawnOptions,
): Promise<{ server: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const settings = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=200',
      'log_min_messages=log',
      ...more,
    ]
    const server = spawn(program, ['-D', data, '-p', String(port), ...settings.flatMap((line) => ['-c', line])], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const failure = await readyOrFailure(server)
    if (failure === undefined) return { server, port }
    if (!failure.includes('could not bind') || attempt === 5) throw new Error(`PostgreSQL did not start: ${failure}`)
  }
}

/** Waits for the server's own word that it is ready; answers what it said when it ended instead. */
async function readyOrFailure(server: ChildProcess): Promise<string | undefined> {
  const said: string[] = []
  const lines = createInterface({ input: server.stderr! })
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('ready to accept connections')) resolve(undefined)
      if (said.length < 50) said.push(line)
    })
    server.on('error', (error) => resolve(error.message))
    server.on('exit', (code, signal) => resolve([`it ended with ${signal ?? code}`, ...said].join('\n')))
  })
}

async function runToEnd(program: string, parameters: string[], options: SpawnOptions): Promise<void> {
  const child = spawn(program, parameters, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (code !== 0) throw new Error(`${program} ended with ${signal ?? code}: ${said.trim()}`)
}
