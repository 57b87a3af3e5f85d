import type { Clock } from '@virtkit/spi'
import type { BootClient } from '../boot-client.ts'
import type { FileTree } from '../file-tree.ts'

/** The system that a script runs in. */
export interface ShellHost {
  readonly files: FileTree
  /** What is installed of `wget` and `curl`: no system has both by nature. */
  readonly tools: ReadonlySet<string>
  readonly client: BootClient
  readonly clock: Clock
  readonly signal: AbortSignal
  print(line: string): void
  /** Programs that only this system has, by name. */
  readonly programs?: Readonly<Record<string, ShellProgram>>
  /** Jobs that were put into the background; whoever owns the host decides when they get their turn. Left out: at once. */
  readonly background?: (() => Promise<number>)[]
  /** The system being installed, which `chroot`, `in-target` and `curtin in-target` enter. */
  readonly target?: { readonly folder: string; readonly host: ShellHost }
}

export interface ProgramInput {
  readonly host: ShellHost
  readonly stdin: string
  readonly variable: (name: string) => string | undefined
  /** Runs the text of a script in this system. */
  readonly script: (source: string, args: readonly string[]) => Promise<ProgramResult>
  /** Runs another command in this or another system. */
  readonly run: (words: readonly string[], host: ShellHost, stdin: string) => Promise<ProgramResult>
}

export interface ProgramResult {
  readonly status: number
  readonly out?: string
  readonly error?: string
  /** It has read all of its input. */
  readonly readsInput?: boolean
}

export type ShellProgram = (args: readonly string[], input: ProgramInput) => Promise<ProgramResult> | ProgramResult
