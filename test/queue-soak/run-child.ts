import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Child {
  /** The first line that it said. */
  readonly said: string
  kill(): Promise<void>
  /** Lets it end by itself. */
  end(): Promise<void>
}

/** A program of this folder in a process of its own; resolves when it has said its first line. */
export async function runChild(program: string, given: string): Promise<Child> {
  const path = join(import.meta.dirname, program)
  const child = spawn(process.execPath, ['--conditions=@virtkit/source', path, given], {
    // What dies with the database says so at length.
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => {}) // it may be dead
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done === true) throw new Error(`${program} ended without a word`)
  return {
    said: first.value,
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
