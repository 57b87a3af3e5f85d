import { Leave } from './shell-state.ts'
import type { ShellState, Streams } from './shell-state.ts'
import { testStatus } from './shell-test.ts'

export interface BuiltinRuns {
  /** Runs a text in this shell. */
  source(text: string): Promise<number>
  words(words: readonly string[]): Promise<number>
}

export type Builtin = (
  args: readonly string[],
  state: ShellState,
  streams: Streams,
  runs: BuiltinRuns,
) => number | Promise<number>

/** Commands that change the shell itself. */
export const builtins: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  test: (args, state) => testStatus(args, state.host.files),
  '[': (args, state) => (args.at(-1) === ']' ? testStatus(args.slice(0, -1), state.host.files) : 2),
  '[[': (args, state) => (args.at(-1) === ']]' ? testStatus(args.slice(0, -1), state.host.files) : 2),
  exit: ([status], state) => leave('exit', status, state),
  return: ([status], state) => leave('return', status, state),
  break: (_, state) => leave('break', '0', state),
  continue: (_, state) => leave('continue', '0', state),
  set: (args, state) => {
    for (const arg of args) {
      if (/^-[a-z]*e/.test(arg)) state.exitOnError = true
      if (/^\+[a-z]*e/.test(arg)) state.exitOnError = false
    }
    if (args.includes('--')) state.positional = args.slice(args.indexOf('--') + 1)
    return 0
  },
  shift: ([count = '1'], state) => {
    state.positional = state.positional.slice(Number(count))
    return 0
  },
  export: assignAll,
  readonly: assignAll,
  local: assignAll,
  unset: (args, state) => {
    for (const name of args) state.variables.delete(name)
    return 0
  },
  read: (args, state, { stdin }) => {
    const names = args.filter((arg) => !arg.startsWith('-'))
    if (stdin.text === '') return 1
    const end = stdin.text.indexOf('\n')
    const line = end === -1 ? stdin.text : stdin.text.slice(0, end)
    stdin.text = end === -1 ? '' : stdin.text.slice(end + 1)
    const words = line.trim().split(/[ \t]+/)
    names.forEach((name, index) => {
      const isLast = index === names.length - 1
      state.variables.set(name, isLast ? words.slice(index).join(' ') : (words[index] ?? ''))
    })
    return 0
  },
  eval: (args, _, __, runs) => runs.source(args.join(' ')),
  '.': ([path = ''], state, streams, runs) => {
    const text = state.host.files.read(path)
    if (text !== undefined) return runs.source(text)
    streams.error(`sh: ${path}: not found\n`)
    return 1
  },
  command: ([first = 'true', ...rest], state, _, runs) => {
    if (first === '-v') return rest.every((name) => !['wget', 'curl'].includes(name) || state.host.tools.has(name)) ? 0 : 1
    return runs.words([first, ...rest])
  },
  exec: (args, state, _, runs) =>
    args.length === 0 ? 0 : runs.words(args).then((status) => leave('exit', String(status), state)),
  cd: () => 0,
  umask: () => 0,
  trap: () => 0,
  wait: () => 0,
}

function leave(from: Leave['from'], status: string | undefined, state: ShellState): never {
  throw new Leave(from, status === undefined ? state.status : Number(status) & 255)
}

function assignAll(args: readonly string[], state: ShellState): number {
  for (const arg of args) {
    const at = arg.indexOf('=')
    if (at > 0) state.variables.set(arg.slice(0, at), arg.slice(at + 1))
  }
  return 0
}
