import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { bundleProgram } from '../bundle-program.ts'

export interface Child {
  /** The next line that it says; rejects when it ends without. */
  nextLine(): Promise<string>
  tell(line: string): void
  kill(): Promise<void>
  /** Lets it end by itself. */
  end(): Promise<void>
}

/** Packs a program of this folder, for many processes. It goes with the folder that is answered. */
export async function packChild(program: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = resolve('.tmp/queue-soak', randomUUID())
  const path = await bundleProgram(new URL(program, import.meta.url), folder)
  return { path, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** A packed program in a process of its own. */
export function startChild(path: string, given: string): Child {
  const child = spawn(process.execPath, [path, given], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(path), 'compiled') },
    // What dies with the database says so at length.
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => {}) // it may be dead
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    nextLine: async () => {
      const line = await lines.next()
      if (line.done === true) throw new Error(`${path} ended without a word`)
      return line.value
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    end: async () => {
      child.stdin.end()
      await ended
    },
  }
}
