import { ShellSyntaxError } from './shell-syntax.ts'
import type { Word, WordPart } from './shell-syntax.ts'

/** Where reading has got to. */
export interface ShellCursor {
  readonly source: string
  at: number
}

const endsWord = /[\s;|&<>()]/

/** Reads the word at the cursor (POSIX shell, 2.2 and 2.6): quotes, backslashes, expansions. */
export function readWord(cursor: ShellCursor): Word {
  const parts: WordPart[] = []
  const { source } = cursor
  while (cursor.at < source.length) {
    const char = source[cursor.at] ?? ''
    if (endsWord.test(char)) break
    cursor.at += 1
    if (char === '\\') {
      const escaped = source[cursor.at] ?? ''
      cursor.at += 1
      if (escaped !== '\n') parts.push({ kind: 'text', text: escaped, quoted: true })
    } else if (char === "'") {
      const end = source.indexOf("'", cursor.at)
      if (end === -1) throw new ShellSyntaxError('a single quote is not closed')
      parts.push({ kind: 'text', text: source.slice(cursor.at, end), quoted: true })
      cursor.at = end + 1
    } else if (char === '"') {
      parts.push({ kind: 'text', text: '', quoted: true }, ...readQuoted(cursor, '"'))
    } else if (char === '$' || char === '`') {
      parts.push(readExpansion(cursor, char, false))
    } else {
      parts.push({ kind: 'text', text: char, quoted: false })
    }
  }
  return joined(parts)
}

/** Text in which only `$`, backquotes and some backslashes mean something: inside double quotes, or a here-document. */
export function readQuoted(cursor: ShellCursor, end: '"' | undefined): WordPart[] {
  const parts: WordPart[] = []
  const { source } = cursor
  for (;;) {
    const char = source[cursor.at]
    if (char === undefined) {
      if (end === undefined) return parts
      throw new ShellSyntaxError('a double quote is not closed')
    }
    cursor.at += 1
    if (char === end) return parts
    if (char === '\\') {
      const next = source[cursor.at] ?? ''
      if (next === '\n') cursor.at += 1
      else if (next !== '' && `$\`\\${end ?? ''}`.includes(next)) {
        cursor.at += 1
        parts.push({ kind: 'text', text: next, quoted: true })
      } else parts.push({ kind: 'text', text: '\\', quoted: true })
    } else if (char === '$' || char === '`') parts.push(readExpansion(cursor, char, true))
    else parts.push({ kind: 'text', text: char, quoted: true })
  }
}

/** Reads all of a text as if it stood in double quotes. */
export function quotedWord(text: string): Word {
  return joined(readQuoted({ source: text, at: 0 }, undefined))
}

function readExpansion(cursor: ShellCursor, char: '$' | '`', quoted: boolean): WordPart {
  const { source } = cursor
  if (char === '`') {
    const end = source.indexOf('`', cursor.at)
    if (end === -1) throw new ShellSyntaxError('a backquote is not closed')
    const text = source.slice(cursor.at, end)
    cursor.at = end + 1
    return { kind: 'command', source: text.replaceAll(/\\([$`\\])/g, '$1'), quoted }
  }
  if (source.startsWith('((', cursor.at)) {
    const inner = readNested(cursor, '(', ')')
    return { kind: 'arithmetic', source: quotedWord(inner.slice(1, -1)), quoted }
  }
  if (source[cursor.at] === '(') return { kind: 'command', source: readNested(cursor, '(', ')'), quoted }
  if (source[cursor.at] === '{') return readBraced(readNested(cursor, '{', '}'), quoted)
  const [name] = /^([A-Za-z_]\w*|[0-9@*#?$!-])/.exec(source.slice(cursor.at, cursor.at + 64)) ?? []
  if (name === undefined) return { kind: 'text', text: '$', quoted }
  cursor.at += name.length
  return { kind: 'variable', name, quoted }
}

function readBraced(text: string, quoted: boolean): WordPart {
  const [, length] = /^#([A-Za-z_]\w*)$/.exec(text) ?? []
  if (length !== undefined) return { kind: 'variable', name: length, operator: 'length', quoted }
  const [, name, operator, operand = ''] = /^([A-Za-z_]\w*|[0-9@*#?])(?:(:?[-=+?]|%%?|##?)(.*))?$/s.exec(text) ?? []
  if (name === undefined) throw new ShellSyntaxError('an expansion in braces is not understood')
  if (operator === undefined) return { kind: 'variable', name, quoted }
  const unquoted = /^"(.*)"$/s.exec(operand)?.[1] ?? operand
  return { kind: 'variable', name, operator, operand: quotedWord(unquoted), quoted }
}

/** The text between brackets, the cursor on the opening one; quotes hide brackets. */
function readNested(cursor: ShellCursor, open: string, close: string): string {
  const { source } = cursor
  const start = cursor.at + 1
  let depth = 0
  for (let quote = ''; cursor.at < source.length; cursor.at += 1) {
    const char = source[cursor.at] ?? ''
    if (char === '\\' && quote !== "'") cursor.at += 1
    else if (quote !== '') quote = char === quote ? '' : quote
    else if (char === "'" || char === '"') quote = char
    else if (char === open) depth += 1
    else if (char === close && (depth -= 1) === 0) {
      cursor.at += 1
      return source.slice(start, cursor.at - 1)
    }
  }
  throw new ShellSyntaxError(`'${open}' is not closed`)
}

function joined(parts: readonly WordPart[]): Word {
  const word: WordPart[] = []
  for (const part of parts) {
    const last = word.at(-1)
    if (part.kind === 'text' && last?.kind === 'text' && last.quoted === part.quoted) {
      word[word.length - 1] = { ...part, text: last.text + part.text }
    } else word.push(part)
  }
  return word
}
