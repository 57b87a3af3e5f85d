import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fastPace, startSimulatorServer } from '@virtkit/driver-simulated'
import type { Client } from '@virtkit/rest/client'
import { withClient } from '../src/connection/with-client.ts'
import type { Host } from '../src/host.ts'
import { createOutput } from '../src/output/output.ts'
import { runVirtkit } from '../src/run.ts'
import { type FakeHost, fakeHost } from './run-command.ts'
import { type ServeProcess, password } from './serve-process.ts'

export interface Ended {
  readonly code: number
  readonly printed: string
  readonly complained: string
}

export interface AskOptions {
  readonly env?: Host['env']
  readonly columns?: number
  readonly typed?: readonly string[]
  readonly piped?: string
  /** Presses Ctrl-C when this has been said on stderr. */
  readonly interruptAt?: RegExp
}

/** An installation with a simulated hypervisor of its own, for commands to work on. */
export interface CommandLab extends AsyncDisposable {
  readonly hypervisor: string
  readonly folder: string
  /** Where the commands work. */
  readonly env: Host['env']
  /** Runs a command; its words are separated by spaces. */
  run(line: string, options?: AskOptions): Promise<Ended>
  /** The API that the commands work at. */
  call<T>(use: (client: Client) => Promise<T>): Promise<T>
  /** Runs a command that must end with 0, and answers what it prints. */
  ask(line: string, options?: AskOptions): Promise<string>
}

/** Commands on a database, each opening it for itself. */
export async function openLocalLab(): Promise<CommandLab> {
  const base = await openBase()
  const env = { VIRTKIT_DATABASE: 'lab.db', VIRTKIT_BOOT_HOST: '127.0.0.1', VIRTKIT_STAND_INS: '1' }
  return labOf(base, env, base.close)
}

/** Commands at a server that runs beside, somebody being logged in. */
export async function openRemoteLab(): Promise<CommandLab> {
  const base = await openBase()
  const server = fakeHost({ cwd: base.folder, env: { VIRTKIT_ADMIN_PASSWORD: password } })
  const ended = runVirtkit(
    ['serve', '--database', ':memory:', '--boot-host', '127.0.0.1', '--stand-ins', '--log-folder', 'logs'],
    server,
  )
  const url = await urlOf(server, ended)
  const lab = labOf(base, {}, async () => {
    server.interrupt()
    await ended
    await base.close()
  })
  await lab.ask(`login ${url} --user admin`, { env: { VIRTKIT_PASSWORD: password } })
  return lab
}

/** Commands at a server that somebody else has started, somebody being logged in. */
export async function openLabAt({ url }: ServeProcess, base: Pick<Base, 'folder' | 'hypervisor'>): Promise<CommandLab> {
  const lab = labOf(base, {}, async () => {})
  await lab.ask(`login ${url} --user admin`, { env: { VIRTKIT_PASSWORD: password } })
  return lab
}

/** The same commands in both places. */
export const openLabs: readonly (readonly [where: string, open: () => Promise<CommandLab>])[] = [
  ['on a database', openLocalLab],
  ['at a server', openRemoteLab],
]

interface Base {
  readonly folder: string
  readonly hypervisor: string
  close(): Promise<void>
}

async function openBase(): Promise<Base> {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-commands-'))
  const server = await startSimulatorServer({ host: '127.0.0.1', port: 0, pace: fastPace })
  const close = async (): Promise<void> => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { folder, hypervisor: server.url, close }
}

function labOf(
  { folder, hypervisor }: Pick<Base, 'folder' | 'hypervisor'>,
  where: Host['env'],
  close: () => Promise<void>,
): CommandLab {
  const env = { ...where, XDG_CONFIG_HOME: join(folder, 'config') }
  const run = async (line: string, options: AskOptions = {}): Promise<Ended> => {
    const host: FakeHost = fakeHost({ cwd: folder, ...options, env: { ...env, ...options.env } })
    const ended = runVirtkit(line.split(' '), host)
    const watch =
      options.interruptAt && setInterval(() => options.interruptAt?.test(host.complained) && host.interrupt(), 5)
    const code = await ended.finally(() => clearInterval(watch))
    return { code, printed: host.printed, complained: host.complained }
  }
  return {
    hypervisor,
    folder,
    env,
    run,
    ask: async (line, options) => {
      const { code, printed, complained } = await run(line, options)
      if (code !== 0) throw new Error(`virtkit ${line}: exit ${code}\n${complained}`)
      return printed
    },
    call: (use) => {
      const host = fakeHost({ cwd: folder, env })
      const context = { host, output: createOutput(host, {}) }
      return withClient({ effect: 'changes' }, context, ({ client }) => use(client))
    },
    [Symbol.asyncDispose]: close,
  }
}

async function urlOf(server: FakeHost, ended: Promise<number>): Promise<string> {
  let code: number | undefined
  void ended.then((number) => (code = number))
  for (let waited = 0; waited < 30_000; waited += 20) {
    const [, url] = /listening on (http:\S+)/.exec(server.printed) ?? []
    if (url !== undefined) return url
    if (code !== undefined) throw new Error(server.complained)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('the server does not listen')
}
