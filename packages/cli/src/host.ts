import { type Input, terminalInput } from './input.ts'

/** What the command needs of the world around it; tests hand in their own. */
export interface Host {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly stdin: Input
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Aborts when somebody asks the process to end (SIGINT, SIGTERM). A second time ends it at once. */
  readonly interrupted: AbortSignal
}

/** The slice of a terminal, pipe or file that is written to. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  hasColors?(): boolean
}

/** This process, as its user sees it. */
export function processHost(): Host {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)))
  }
  // Whoever reads us may stop reading (`virtkit … | head`): then there is nobody left to tell.
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const { stdout, stderr, env } = process
  const stdin = terminalInput(() => interrupted.abort(new Error('interrupted by SIGINT')))
  return { stdout, stderr, stdin, env, cwd: process.cwd(), interrupted: interrupted.signal }
}
