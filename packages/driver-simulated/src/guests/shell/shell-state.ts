import type { ShellHost } from './shell-host.ts'
import type { ShellNode } from './shell-syntax.ts'

export interface ShellState {
  readonly host: ShellHost
  readonly variables: Map<string, string>
  readonly functions: Map<string, ShellNode>
  positional: string[]
  /** Of the last command. */
  status: number
  /** `set -e`. */
  exitOnError: boolean
  /** What is left; subshells draw on the same. */
  readonly budget: { commands: number }
}

export interface Streams {
  /** What is left to read; several commands may read from the same. */
  readonly stdin: { text: string }
  readonly out: (text: string) => void
  readonly error: (text: string) => void
}

/** Leaves a script, function or loop from inside. */
export class Leave extends Error {
  override readonly name = 'Leave'
  readonly from: 'exit' | 'return' | 'break' | 'continue'
  readonly status: number

  constructor(from: Leave['from'], status: number) {
    super(from)
    this.from = from
    this.status = status
  }
}
