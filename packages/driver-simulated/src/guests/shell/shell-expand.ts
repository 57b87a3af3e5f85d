import { calculate } from './shell-arithmetic.ts'
import { cutPattern, escaped } from './shell-pattern.ts'
import { ShellSyntaxError } from './shell-syntax.ts'
import type { Word, WordPart } from './shell-syntax.ts'

/** What expansion needs from the running shell. */
export interface Expansions {
  variable(name: string): string | undefined
  assign(name: string, value: string): void
  positional(): readonly string[]
  /** Output of a command, for `$(…)`. */
  substitute(source: string): Promise<string>
  /** Paths for a pattern. */
  glob(pattern: string): readonly string[]
}

/** A word as one text: where no splitting happens (assignments, redirects, here-documents). */
export async function expandText(word: Word, shell: Expansions): Promise<string> {
  const texts: string[] = []
  for (const part of word) texts.push(await valueOf(part, shell))
  return texts.join('')
}

/** A word as a pattern: what was quoted matches itself. */
export async function expandPattern(word: Word, shell: Expansions): Promise<string> {
  const texts: string[] = []
  for (const part of word) {
    const text = await valueOf(part, shell)
    texts.push(part.quoted ? literal(text) : text)
  }
  return texts.join('')
}

/** A word as the arguments that it becomes: none, one or many. */
export async function expandFields(word: Word, shell: Expansions): Promise<string[]> {
  const fields: { text: string; pattern: string }[] = []
  let open = false
  const add = (text: string, quoted: boolean): void => {
    if (!open) fields.push({ text: '', pattern: '' })
    open = true
    const last = fields.at(-1)
    if (!last) return
    last.text += text
    last.pattern += quoted ? literal(text) : text
  }
  for (const part of word) {
    if (part.kind === 'variable' && part.name === '@' && part.quoted) {
      shell.positional().forEach((value, index) => {
        if (index > 0) open = false
        add(value, true)
      })
      continue
    }
    const text = await valueOf(part, shell)
    if (part.quoted || part.kind === 'text') add(text, part.quoted)
    else {
      const pieces = text.split(/[ \t\n]+/)
      pieces.forEach((piece, index) => {
        if (index > 0) open = false
        if (piece !== '') add(piece, false)
      })
    }
  }
  return fields.flatMap(({ text, pattern }) => (/(?<!\\)[*?[]/.test(pattern) ? shell.glob(pattern) : [text]))
}

async function valueOf(part: WordPart, shell: Expansions): Promise<string> {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'command':
      return (await shell.substitute(part.source)).replace(/\n+$/, '')
    case 'arithmetic':
      return String(calculate(await expandText(part.source, shell), (name) => shell.variable(name)))
    case 'variable':
      return variableOf(part, shell)
  }
}

async function variableOf(part: WordPart & { kind: 'variable' }, shell: Expansions): Promise<string> {
  const value = '@*'.includes(part.name) ? shell.positional().join(' ') : shell.variable(part.name)
  const { operator, operand = [] } = part
  if (operator === undefined) return value ?? ''
  if (operator === 'length') return String((value ?? '').length)
  if (operator.startsWith('#') || operator.startsWith('%')) {
    return cutPattern(value ?? '', operator, await expandText(operand, shell))
  }
  const missing = operator.startsWith(':') ? !value : value === undefined
  if (operator.endsWith('+')) return missing ? '' : expandText(operand, shell)
  if (!missing) return value ?? ''
  const fallback = await expandText(operand, shell)
  if (operator.endsWith('?')) throw new ShellSyntaxError(`${part.name}: ${fallback || 'not set'}`)
  if (operator.endsWith('=')) shell.assign(part.name, fallback)
  return fallback
}

const literal = (text: string): string => (/[*?[\\]/.test(text) ? escaped(text) : text)
