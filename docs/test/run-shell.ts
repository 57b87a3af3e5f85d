import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

// Below the repository, so that what lines write can import its packages.
const around = fileURLToPath(new URL('../../.tmp', import.meta.url))
const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/**
 * Runs lines of a page as a terminal would, in an empty folder, with the command of this repository as `virtkit`. What is served meanwhile
 * listens at another port than the page says. Answers what they print.
 */
export async function runShell(lines: string, served: string | undefined): Promise<string> {
  mkdirSync(around, { recursive: true })
  const folder = mkdtempSync(join(around, 'page-'))
  const command = `#!/bin/sh\nexec '${process.execPath}' --conditions=@virtkit/source '${main}' "$@"\n`
  writeFileSync(join(folder, 'virtkit'), command, { mode: 0o755 })
  const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, NO_COLOR: '1' }
  const page = served === undefined ? undefined : /--port (\d+)/.exec(served)?.[1]
  const server =
    served === undefined
      ? undefined
      : spawn('sh', ['-euc', `exec env ${served.trim().replace(/--port \d+/, '--port 0')}`], {
          cwd: folder,
          env,
          stdio: ['ignore', 'pipe', 'pipe'],
        })
  try {
    const port = server && /:(\d+)$/.exec(await firstLine(server))?.[1]
    const script = lines.replaceAll(`127.0.0.1:${page}`, `127.0.0.1:${port}`)
    const { stdout } = await promisify(execFile)('sh', ['-euc', script], { cwd: folder, env })
    return stdout.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${page}`)
  } finally {
    if (server && server.exitCode === null) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

async function firstLine(server: ReturnType<typeof spawn>): Promise<string> {
  let complaint = ''
  server.stderr!.on('data', (chunk: Buffer) => (complaint += chunk))
  const ended = once(server, 'exit').then(() => Promise.reject(new Error(`it ended: ${complaint}`)))
  ended.catch(() => {})
  const [line] = (await Promise.race([once(createInterface(server.stdout!), 'line'), ended])) as [string]
  return line
}
