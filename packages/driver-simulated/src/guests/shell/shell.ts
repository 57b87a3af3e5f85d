import { expandFields, expandPattern, expandText } from './shell-expand.ts'
import type { Expansions } from './shell-expand.ts'
import { builtins } from './shell-builtins.ts'
import type { ProgramResult, ShellHost } from './shell-host.ts'
import { parseShell } from './shell-parser.ts'
import { matchesPattern, matchingPaths } from './shell-pattern.ts'
import { runProgram } from './shell-programs.ts'
import { openRedirects, printer } from './shell-redirects.ts'
import { Leave } from './shell-state.ts'
import type { ShellState, Streams } from './shell-state.ts'
import { ShellSyntaxError } from './shell-syntax.ts'
import type { ListItem, Redirect, ShellNode, SimpleCommand } from './shell-syntax.ts'

// A script that runs in circles without sleeping ends here.
const maximumCommands = 200_000

export interface ShellRun {
  readonly arguments?: readonly string[]
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * Runs a shell script in a guest: what it fetches, posts and writes really happens there; sleeps take the guest's time.
 *
 * Promises: answers the exit status (2 for a script that cannot be read, 127 for a program that is not there); rejects only
 * with the signal's reason.
 */
export async function runShell(source: string, host: ShellHost, run: ShellRun = {}): Promise<number> {
  const state: ShellState = {
    host,
    variables: new Map([['PATH', '/usr/sbin:/usr/bin:/sbin:/bin'], ...Object.entries(run.variables ?? {})]),
    functions: new Map(),
    positional: [...(run.arguments ?? [])],
    status: 0,
    exitOnError: false,
    budget: { commands: maximumCommands },
  }
  const streams: Streams = { stdin: { text: '' }, out: printer(host), error: printer(host) }
  return runSource(source, state, streams)
}

/** As a script of its own: `exit` ends only it. */
async function runSource(source: string, state: ShellState, streams: Streams): Promise<number> {
  try {
    return await runNode(parseShell(source), state, streams, false)
  } catch (error) {
    if (error instanceof Leave) return error.status
    if (!(error instanceof ShellSyntaxError)) throw error
    streams.error(`sh: ${error.message}\n`)
    return 2
  }
}

/** `tested`: its status is looked at, so `set -e` does not end the script. */
async function runNode(node: ShellNode, state: ShellState, streams: Streams, tested: boolean): Promise<number> {
  const run = (inner: ShellNode, innerTested = tested): Promise<number> => runNode(inner, state, streams, innerTested)
  switch (node.kind) {
    case 'simple':
      state.status = await runSimple(node, state, streams)
      if (state.status !== 0 && state.exitOnError && !tested) throw new Leave('exit', state.status)
      return state.status
    case 'list':
      return runList(node.items, state, streams, tested)
    case 'pipeline':
      return runPipeline(node, state, streams, tested)
    case 'redirected':
      return withRedirects(node.redirects, state, streams, (inner) => runNode(node.body, state, inner, tested))
    case 'if':
      for (const { test, body } of node.branches) if ((await run(test, true)) === 0) return run(body)
      return node.otherwise ? run(node.otherwise) : (state.status = 0)
    case 'while': {
      let status = 0
      while (((await run(node.test, true)) === 0) !== node.until) {
        const turn = await loopTurn(() => run(node.body))
        status = turn.status
        if (turn.ends) break
      }
      return (state.status = status)
    }
    case 'for': {
      let status = 0
      for (const value of await fieldsOf(node.words, state, streams)) {
        state.variables.set(node.name, value)
        const turn = await loopTurn(() => run(node.body))
        status = turn.status
        if (turn.ends) break
      }
      return (state.status = status)
    }
    case 'case': {
      const shell = expansions(state, streams)
      const text = await expandText(node.word, shell)
      for (const { patterns, body } of node.clauses) {
        for (const pattern of patterns) if (matchesPattern(text, await expandPattern(pattern, shell))) return run(body)
      }
      return (state.status = 0)
    }
    case 'function':
      state.functions.set(node.name, node.body)
      return (state.status = 0)
    case 'group':
      if (!node.subshell) return run(node.body)
      return (state.status = await leaving('exit', () => runNode(node.body, copyOf(state), streams, tested)))
  }
}

async function runList(items: readonly ListItem[], state: ShellState, streams: Streams, tested: boolean): Promise<number> {
  let status = 0
  for (const [index, { node, when, background }] of items.entries()) {
    if (when !== 'always' && (status === 0) !== (when === 'success')) continue
    if (background && state.host.background) {
      const own = copyOf(state)
      state.host.background.push(() => leaving('exit', () => runNode(node, own, streams, true)))
      status = 0
      continue
    }
    const next = items[index + 1]
    status = await runNode(node, state, streams, tested || (next !== undefined && next.when !== 'always'))
  }
  return (state.status = status)
}

async function runPipeline(
  node: ShellNode & { kind: 'pipeline' },
  state: ShellState,
  streams: Streams,
  tested: boolean,
): Promise<number> {
  let { stdin } = streams
  let status = 0
  for (const [index, stage] of node.stages.entries()) {
    const chunks: string[] = []
    const isLast = index === node.stages.length - 1
    const out = isLast ? streams.out : (text: string): void => void chunks.push(text)
    const own = node.stages.length === 1 ? state : copyOf(state)
    status = await leaving('exit', () => runNode(stage, own, { ...streams, stdin, out }, tested || node.negated))
    stdin = { text: chunks.join('') }
  }
  return (state.status = node.negated ? Number(status === 0) : status)
}

async function runSimple(command: SimpleCommand, state: ShellState, streams: Streams): Promise<number> {
  state.host.signal.throwIfAborted()
  if ((state.budget.commands -= 1) < 0) throw new Leave('exit', 1)
  const shell = expansions(state, streams)
  const words = await fieldsOf(command.words, state, streams)
  for (const { name, value } of command.assignments) state.variables.set(name, await expandText(value, shell))
  return withRedirects(command.redirects, state, streams, async (inner) => {
    const [name, ...args] = words
    // An assignment alone has the status of the command whose output it took.
    if (name === undefined) return command.assignments.some(({ value }) => value.some(isCommand)) ? state.status : 0
    return runWords(name, args, state, inner)
  })
}

async function runWords(name: string, args: readonly string[], state: ShellState, streams: Streams): Promise<number> {
  const body = state.functions.get(name)
  if (body) {
    const outer = state.positional
    state.positional = [...args]
    try {
      return await leaving('return', () => runNode(body, state, streams, false))
    } finally {
      state.positional = outer
    }
  }
  const builtin = builtins[name]
  if (builtin) {
    return builtin(args, state, streams, {
      source: (text) => runSource(text, state, streams),
      words: ([inner = 'true', ...rest]) => runWords(inner, rest, state, streams),
    })
  }
  const { text } = streams.stdin
  const result = await runInside([name, ...args], state, state.host, text)
  // A program that reads its input reads all of it.
  if (result.readsInput) streams.stdin.text = ''
  if (result.out) streams.out(result.out)
  if (result.error) streams.error(`${result.error}\n`)
  return result.status
}

async function runInside(
  words: readonly string[],
  state: ShellState,
  host: ShellHost,
  stdin: string,
): Promise<ProgramResult> {
  const [name = '', ...args] = words
  const scriptOf = async (source: string, rest: readonly string[]): Promise<ProgramResult> => {
    const out: string[] = []
    const inner: ShellState = { ...copyOf(state), host, functions: new Map(), positional: [...rest], exitOnError: false }
    const collect = (text: string): void => void out.push(text)
    const status = await runSource(source, inner, { stdin: { text: stdin }, out: collect, error: printer(host) })
    return { status, out: out.join('') }
  }
  return runProgram(name, args, {
    host,
    stdin,
    script: scriptOf,
    variable: (variable) => state.variables.get(variable),
    run: (innerWords, innerHost, innerStdin) => runInside(innerWords, state, innerHost, innerStdin),
  })
}

async function fieldsOf(words: SimpleCommand['words'], state: ShellState, streams: Streams): Promise<string[]> {
  const shell = expansions(state, streams)
  const fields: string[] = []
  for (const word of words) fields.push(...(await expandFields(word, shell)))
  return fields
}

function expansions(state: ShellState, streams: Streams): Expansions {
  return {
    variable: (name) => {
      if (name === '?') return String(state.status)
      if (name === '#') return String(state.positional.length)
      if (/^[1-9]$/.test(name)) return state.positional[Number(name) - 1]
      return '$!-0'.includes(name) ? '1' : state.variables.get(name)
    },
    assign: (name, value) => void state.variables.set(name, value),
    positional: () => state.positional,
    substitute: async (source) => {
      const chunks: string[] = []
      const inner = { ...streams, out: (text: string): void => void chunks.push(text) }
      state.status = await runSource(source, copyOf(state), inner)
      return chunks.join('')
    },
    glob: (pattern) => matchingPaths(pattern, state.host.files),
  }
}

async function withRedirects(
  redirects: readonly Redirect[],
  state: ShellState,
  streams: Streams,
  body: (streams: Streams) => Promise<number>,
): Promise<number> {
  const opened = await openRedirects(redirects, state.host, streams, expansions(state, streams))
  return opened ? body(opened) : 1
}

const isCommand = (part: { readonly kind: string }): boolean => part.kind === 'command'

async function loopTurn(body: () => Promise<number>): Promise<{ status: number; ends: boolean }> {
  try {
    return { status: await body(), ends: false }
  } catch (error) {
    if (!(error instanceof Leave) || (error.from !== 'break' && error.from !== 'continue')) throw error
    return { status: 0, ends: error.from === 'break' }
  }
}

async function leaving(from: Leave['from'], body: () => Promise<number>): Promise<number> {
  try {
    return await body()
  } catch (error) {
    if (error instanceof Leave && error.from === from) return error.status
    throw error
  }
}

function copyOf(state: ShellState): ShellState {
  return { ...state, variables: new Map(state.variables), functions: new Map(state.functions) }
}
