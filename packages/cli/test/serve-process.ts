import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** Of `admin`. */
export const password = 'correct horse battery'
const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`

export interface ServeProcess extends Disposable {
  /** Where it listens. */
  readonly url: string
  /** Throws what the answer says when it is no success. */
  readonly ask: <T = Record<string, unknown>>(method: string, path: string, body?: object) => Promise<T>
}

/** `virtkit serve` as a process in that folder, so that it finds drivers as it does where somebody has installed it. */
export async function startServe(folder: string, more: readonly string[] = []): Promise<ServeProcess> {
  const args = ['--conditions=@virtkit/source', main, 'serve', '--quiet', '--port', '0', ...more]
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], VIRTKIT_ADMIN_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`virtkit serve ended with ${code}`)
  })
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), ended])) as [string]
  ended.catch(() => undefined)
  const [, url = ''] = /listening on (http:\S+)$/.exec(line) ?? []
  return {
    url,
    ask: async <T>(method: string, path: string, body?: object) => {
      const json = body && { body: JSON.stringify(body) }
      const headers = { authorization, 'content-type': 'application/json' }
      const answer = await fetch(`${url}/rest/v1${path}`, { method, headers, ...json })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${text}`)
      return JSON.parse(text) as T
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}
