import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createMask } from './mask.ts'
import { type SessionLine, sessionLines } from './session-lines.ts'
import { type Answer, Terminal } from './terminal.ts'

export interface Spoken extends SessionLine {
  /** What the terminal shows: the line and what came of it. */
  readonly shown: string
}

export interface Session {
  /** How it began: this is where the places differ. */
  readonly opening: string
  readonly spoken: readonly Spoken[]
  /** Percents that the bar of the installation showed, in order. */
  readonly percents: readonly number[]
}

const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const node = [process.execPath, '--conditions=@virtkit/source', main]
const password = 'correct horse battery staple'

/** Does everything at a terminal, on a database of its own or at a server that runs beside. */
export async function runSession(place: 'database' | 'server'): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-session-'))
  const env = environmentOf(folder)
  const children: ChildProcess[] = []
  try {
    const start = async (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> => {
      const child = spawn(node[0]!, [...node.slice(1), ...args], {
        cwd: folder,
        env: { ...env, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.push(child)
      return addressOf(child)
    }
    const hypervisor = await start(['simulator', 'hypervisor', '--port', '0'])
    const boot = ['--boot-host', '127.0.0.1', '--stand-ins']
    const server =
      place === 'server'
        ? await start(['serve', '--database', 'server.db', ...boot], { VIRTKIT_ADMIN_PASSWORD: password })
        : undefined
    const mask = createMask({
      [hypervisor]: 'http://127.0.0.1:7070',
      ...(server !== undefined && { [server]: 'http://127.0.0.1:8080' }),
    })
    using terminal = await Terminal.open({ columns: 100, lines: 50, folder, env })
    const opening = mask(await open(terminal, server))
    const percents: number[] = []
    const spoken: Spoken[] = []
    for (const line of sessionLines) {
      const typed = line.type.replace('HYPERVISOR', hypervisor)
      const isInstall = line.type.includes(' install ')
      const watch = (screen: string): void => void (isInstall && percents.push(...percentsIn(screen)))
      const shown = await terminal.type(typed, line.answers, watch)
      spoken.push({ ...line, shown: mask(shown) })
    }
    return { opening, spoken, percents }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function open(terminal: Terminal, server: string | undefined): Promise<string> {
  if (server === undefined)
    return terminal.type('export VIRTKIT_DATABASE=lab.db VIRTKIT_BOOT_HOST=127.0.0.1 VIRTKIT_STAND_INS=1')
  const answers: readonly Answer[] = [{ when: /^Password of admin at .*: $/m, type: password }]
  return terminal.type(`virtkit login ${server} --user admin`, answers)
}

/** Of the bar that stands alone on its line. */
function percentsIn(screen: string): number[] {
  return [...screen.matchAll(/^web-1 +[█░]+ +(\d+) % /gm)].map(([, percent]) => Number(percent))
}

/** `virtkit` is a word that the shell knows. What is compiled once is kept for the other commands. */
function environmentOf(folder: string): Record<string, string> {
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/virtkit'), `#!/bin/sh\nexec ${node.map((word) => `'${word}'`).join(' ')} "$@"\n`, {
    mode: 0o755,
  })
  return {
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  const said: string[] = []
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`it ended: ${said.join('')}`)))
  ended.catch(() => {})
  const lines = createInterface({ input: child.stdout! })
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string]
  const [, url] = /listening on (http:\S+)$/.exec(line) ?? []
  if (url === undefined) throw new Error(`it says ${line}`)
  return url
}
