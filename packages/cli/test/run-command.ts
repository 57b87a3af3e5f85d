import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Host } from '../src/host.ts'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs the command as a process of its own, from the sources. */
export function runCommand(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@virtkit/source', main, ...args],
      { ...options, env: { PATH: process.env['PATH'] }, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

export interface FakeHost extends Host {
  readonly printed: string
  readonly complained: string
  interrupt(): void
}

/** A host that remembers what is written. */
export function fakeHost(
  more: {
    readonly env?: Host['env']
    readonly cwd?: string
    readonly columns?: number
    /** What is typed at questions, one after the other; somebody is there. */
    readonly typed?: readonly string[]
    /** What is piped in. */
    readonly piped?: string
  } = {},
): FakeHost {
  const interrupted = new AbortController()
  let printed = ''
  let complained = ''
  const terminal = more.columns === undefined ? {} : { isTTY: true, columns: more.columns, hasColors: () => true }
  const typed = [...(more.typed ?? [])]
  const ask = async (question: string, { hidden = false } = {}): Promise<string> => {
    const answer = typed.shift()
    if (answer === undefined) throw new Error(`nobody answers: ${question}`)
    complained += hidden ? `${question}\n` : `${question}${answer}\n`
    return answer
  }
  return {
    stdin: { isTTY: more.typed !== undefined, text: async () => more.piped ?? '', ask },
    stdout: { write: (text) => (printed += text), ...terminal },
    stderr: { write: (text) => (complained += text), ...terminal },
    env: more.env ?? {},
    cwd: more.cwd ?? process.cwd(),
    interrupted: interrupted.signal,
    get printed() {
      return printed
    },
    get complained() {
      return complained
    },
    interrupt: () => interrupted.abort(new Error('interrupted')),
  }
}
