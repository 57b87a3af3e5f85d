import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const patienceMs = 60_000

export interface Program {
  /** Resolves when it says so, in a line that has these words; throws what it said when it ends before. */
  readonly ready: Promise<void>
  /** Ends it and what it started, at once. Promises: again is fine. */
  kill(): Promise<void>
}

export interface RunAs {
  readonly uid?: number
  readonly gid?: number
}

/** Runs a server in a group of processes of its own, so that nothing of it is left over. */
export function runProgram(
  path: string,
  given: readonly string[],
  more: { readonly env: NodeJS.ProcessEnv; readonly cwd: string; readonly says: string } & RunAs,
): Program {
  const { says, ...options } = more
  const child = spawn(path, given, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  return {
    ready: untilItSays(child, says),
    kill: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, 'SIGKILL')
      }
      await ended
    },
  }
}

function untilItSays(child: ChildProcess, words: string): Promise<void> {
  const said: string[] = []
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.includes(words)) resolve()
        if (said.length < 50) said.push(line)
      })
    }
    const tooLong = setTimeout(() => reject(new Error([`it never said "${words}"`, ...said].join('\n'))), patienceMs)
    tooLong.unref()
    child.on('error', reject)
    child.on('exit', (code, signal) => reject(new Error([`it ended with ${signal ?? code}`, ...said].join('\n'))))
  })
}
