import { escaped } from './shell-pattern.ts'
import type { ProgramInput, ProgramResult, ShellProgram } from './shell-host.ts'

const done: ProgramResult = { status: 0 }

/** The lines of the files named, or of the input. */
function linesOf(paths: readonly string[], { host, stdin }: ProgramInput): string[] {
  const text = paths.length === 0 ? stdin : paths.map((path) => host.files.read(path) ?? '').join('')
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/** `head` and `tail`: `-n 3`, `-n3`, `-3`, `-n +3`; a followed file ends at once. */
const part =
  (pick: (lines: string[], count: number, fromStart: boolean) => string[]): ShellProgram =>
  (args, input) => {
    const wanted = /(?:^|\s)-n?\s*(\+?)(\d+)(?:\s|$)/.exec(args.join(' '))
    const paths = args.filter((arg) => !/^[-+]|^\d+$/.test(arg))
    const lines = pick(linesOf(paths, input), Number(wanted?.[2] ?? 10), wanted?.[1] === '+')
    return { ...done, out: asText(lines), readsInput: true }
  }

/** The few uses of text tools that installation scripts make. */
export const textPrograms: Readonly<Record<string, ShellProgram>> = {
  echo: (args) => {
    const options = args.findIndex((arg) => !/^-[neE]+$/.test(arg))
    const flags = args.slice(0, options === -1 ? args.length : options).join('')
    const text = args.slice(options === -1 ? args.length : options).join(' ')
    return { ...done, out: (flags.includes('e') ? unescaped(text) : text) + (flags.includes('n') ? '' : '\n') }
  },
  printf: ([format = '', ...values]) => ({ ...done, out: formatted(format, values) }),
  head: part((lines, count) => lines.slice(0, count)),
  tail: part((lines, count, fromStart) => (fromStart ? lines.slice(count - 1) : lines.slice(-count))),
  grep: (args, input) => {
    const [pattern = '', ...paths] = args.filter((arg) => !arg.startsWith('-'))
    const flags = args.filter((arg) => /^-\w/.test(arg)).join('')
    const expression = new RegExp(flags.includes('F') ? escaped(pattern) : pattern, flags.includes('i') ? 'i' : '')
    const found = linesOf(paths, input).filter((line) => expression.test(line) !== flags.includes('v'))
    return { status: Number(found.length === 0), out: flags.includes('q') ? '' : asText(found), readsInput: true }
  },
  tr: (args, { stdin }) => {
    const [from = '', to = ''] = args.filter((arg) => !arg.startsWith('-')).map(charactersOf)
    const flags = args.filter((arg) => arg.startsWith('-')).join('')
    const replaced = [...stdin].map((char) => {
      const at = from.indexOf(char)
      if ((at === -1) !== flags.includes('c')) return char
      return flags.includes('d') ? '' : (to[at] ?? to.at(-1) ?? '')
    })
    return { ...done, out: replaced.join(''), readsInput: true }
  },
  // Only `{ print $N }`: its conditions are taken to hold.
  awk: (args, input) => {
    const [program = '', ...paths] = args.filter((arg) => !arg.startsWith('-'))
    const field = Number(/print \$(\d+)/.exec(program)?.[1] ?? 0)
    const lines = linesOf(paths, input).map((line) => (field === 0 ? line : (line.trim().split(/\s+/)[field - 1] ?? '')))
    return { ...done, out: asText(program.includes('exit') ? lines.slice(0, 1) : lines), readsInput: true }
  },
  sort: (args, input) => ({
    ...done,
    out: asText(
      linesOf(
        args.filter((arg) => !arg.startsWith('-')),
        input,
      ).toSorted(),
    ),
    readsInput: true,
  }),
}

/** A set of `tr`: ranges and backslashes spelt out. */
function charactersOf(set: string): string {
  return unescaped(set).replaceAll(/(.)-(.)/gs, (_, first: string, last: string) =>
    Array.from({ length: Math.max(0, last.charCodeAt(0) - first.charCodeAt(0) + 1) }, (_unused, offset) =>
      String.fromCharCode(first.charCodeAt(0) + offset),
    ).join(''),
  )
}

function formatted(format: string, values: readonly string[]): string {
  const pattern = unescaped(format)
  const taking = (pattern.match(/%[^%]/g) ?? []).length
  let at = 0
  let text = ''
  do {
    text += pattern.replaceAll(/%(-?\d*)([sdbi%])/g, (_, width: string, kind: string) => {
      if (kind === '%') return '%'
      const value = values[at] ?? (kind === 'd' || kind === 'i' ? '0' : '')
      at += 1
      const shown = kind === 'b' ? unescaped(value) : value
      return width.startsWith('-') ? shown.padEnd(-Number(width)) : shown.padStart(Number(width))
    })
    // The format is used again as long as there are values.
  } while (taking > 0 && at < values.length)
  return text
}

function unescaped(text: string): string {
  const known: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', a: '\x07' }
  return text.replaceAll(/\\(?:0?([0-7]{1,3})|(.))/gs, (whole, octal: string | undefined, char: string | undefined) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    return known[char ?? ''] ?? whole
  })
}
