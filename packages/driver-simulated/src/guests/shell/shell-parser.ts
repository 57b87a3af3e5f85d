import { ShellSyntaxError } from './shell-syntax.ts'
import type { ListItem, Redirect, ShellNode, SimpleCommand, Word } from './shell-syntax.ts'
import { peek, peekAny, peekKeyword, plain, skipBlank, take, takeKeyword } from './shell-reader.ts'
import type { Reader } from './shell-reader.ts'
import { readWord } from './shell-words.ts'

/** Reads a script of the POSIX shell (2.10), without its rarest corners. Throws `ShellSyntaxError`. */
export function parseShell(source: string): ShellNode {
  const reader: Reader = { source: source.replaceAll('\r\n', '\n'), at: 0, documents: [] }
  const script = readList(reader, [])
  if (reader.at < reader.source.length) throw new ShellSyntaxError(`unexpected '${reader.source[reader.at]}'`)
  return script
}

/** Reads commands until one of the words that end this list, which is left unread. */
function readList(reader: Reader, ends: readonly string[]): ShellNode {
  const items: ListItem[] = []
  let when: ListItem['when'] = 'always'
  for (;;) {
    skipBlank(reader, true)
    const next = peekKeyword(reader)
    const done = reader.at >= reader.source.length || ')'.includes(peek(reader)) || peekAny(reader, ';;')
    if (done || ends.includes(next)) {
      if (when !== 'always') throw new ShellSyntaxError('a command is missing after && or ||')
      return { kind: 'list', items }
    }
    const item: ListItem = { node: readPipeline(reader), when }
    items.push(item)
    skipBlank(reader, false)
    if (take(reader, '&&')) when = 'success'
    else if (take(reader, '||')) when = 'failure'
    else {
      when = 'always'
      if (!peekAny(reader, ';;') && !take(reader, ';')) item.background = take(reader, '&')
    }
  }
}

function readPipeline(reader: Reader): ShellNode {
  const negated = peekKeyword(reader) === '!'
  if (negated) takeKeyword(reader, '!')
  const stages = [readCommand(reader)]
  for (skipBlank(reader, false); peek(reader) === '|' && !peekAny(reader, '||'); skipBlank(reader, false)) {
    reader.at += 1
    skipBlank(reader, true)
    stages.push(readCommand(reader))
  }
  const [only] = stages
  return only && stages.length === 1 && !negated ? only : { kind: 'pipeline', stages, negated }
}

function readCommand(reader: Reader): ShellNode {
  const compound = readCompound(reader)
  if (!compound) return readSimple(reader)
  const redirects: Redirect[] = []
  while (readRedirect(reader, redirects));
  return redirects.length === 0 ? compound : { kind: 'redirected', body: compound, redirects }
}

function readCompound(reader: Reader): ShellNode | undefined {
  if (take(reader, '(')) {
    const body = readList(reader, [])
    if (!take(reader, ')')) throw new ShellSyntaxError("'(' is not closed")
    return { kind: 'group', body, subshell: true }
  }
  const keyword = peekKeyword(reader)
  const block = (from: string, ...ends: string[]): ShellNode => {
    takeKeyword(reader, from)
    return readList(reader, ends)
  }
  const blockTo = (from: string, end: string): ShellNode => {
    const body = block(from, end)
    takeKeyword(reader, end)
    return body
  }
  switch (keyword) {
    case '{':
      return { kind: 'group', body: blockTo('{', '}'), subshell: false }
    case 'if': {
      const branches = []
      for (let word = 'if'; peekKeyword(reader) === word; word = 'elif') {
        branches.push({ test: block(word, 'then'), body: block('then', 'elif', 'else', 'fi') })
      }
      const otherwise = peekKeyword(reader) === 'else' ? block('else', 'fi') : undefined
      takeKeyword(reader, 'fi')
      return { kind: 'if', branches, ...(otherwise ? { otherwise } : {}) }
    }
    case 'while':
    case 'until':
      return { kind: 'while', until: keyword === 'until', test: block(keyword, 'do'), body: blockTo('do', 'done') }
    case 'for':
      return readFor(reader, () => blockTo('do', 'done'))
    case 'case':
      return readCase(reader)
    default:
      return readFunction(reader)
  }
}

function readFor(reader: Reader, body: () => ShellNode): ShellNode {
  takeKeyword(reader, 'for')
  skipBlank(reader, false)
  const name = plain(readWord(reader))
  skipBlank(reader, true)
  const words: Word[] = []
  if (peekKeyword(reader) === 'in') {
    takeKeyword(reader, 'in')
    for (skipBlank(reader, false); !/[;\n]/.test(peek(reader) || '\n'); skipBlank(reader, false))
      words.push(readWord(reader))
  } else words.push([{ kind: 'variable', name: '@', quoted: true }])
  take(reader, ';')
  skipBlank(reader, true)
  return { kind: 'for', name, words, body: body() }
}

function readCase(reader: Reader): ShellNode {
  takeKeyword(reader, 'case')
  skipBlank(reader, false)
  const word = readWord(reader)
  skipBlank(reader, true)
  takeKeyword(reader, 'in')
  const clauses = []
  for (skipBlank(reader, true); peekKeyword(reader) !== 'esac'; skipBlank(reader, true)) {
    take(reader, '(')
    const patterns: Word[] = []
    do {
      skipBlank(reader, false)
      patterns.push(readWord(reader))
      skipBlank(reader, false)
    } while (take(reader, '|'))
    if (!take(reader, ')')) throw new ShellSyntaxError('a pattern of case has no end')
    clauses.push({ patterns, body: readList(reader, ['esac']) })
    take(reader, ';;')
  }
  takeKeyword(reader, 'esac')
  return { kind: 'case', word, clauses }
}

function readFunction(reader: Reader): ShellNode | undefined {
  const [head, name] = /^([A-Za-z_]\w*)[ \t]*\([ \t]*\)/.exec(reader.source.slice(reader.at, reader.at + 128)) ?? []
  if (head === undefined || name === undefined) return undefined
  reader.at += head.length
  skipBlank(reader, true)
  return { kind: 'function', name, body: readCommand(reader) }
}

function readSimple(reader: Reader): SimpleCommand {
  const assignments: { name: string; value: Word }[] = []
  const words: Word[] = []
  const redirects: Redirect[] = []
  for (;;) {
    skipBlank(reader, false)
    if (readRedirect(reader, redirects)) continue
    if (/[\n;|&()]/.test(peek(reader) || '\n')) break
    const [head, name] = /^([A-Za-z_]\w*)=/.exec(reader.source.slice(reader.at, reader.at + 128)) ?? []
    if (words.length === 0 && head !== undefined && name !== undefined) {
      reader.at += head.length
      assignments.push({ name, value: readWord(reader) })
    } else words.push(readWord(reader))
  }
  if (assignments.length + words.length + redirects.length > 0) return { kind: 'simple', assignments, words, redirects }
  throw new ShellSyntaxError(`a command is missing before '${peek(reader)}'`)
}

function readRedirect(reader: Reader, redirects: Redirect[]): boolean {
  skipBlank(reader, false)
  const [head, digit, sign] = /^(\d?)(<<-|<<|>>|>&|>\||&>|>|<)/.exec(reader.source.slice(reader.at, reader.at + 4)) ?? []
  if (head === undefined || sign === undefined) return false
  reader.at += head.length
  skipBlank(reader, false)
  const start = reader.at
  const target = readWord(reader)
  const descriptor = digit === '' ? (sign.startsWith('<') ? 0 : 1) : Number(digit)
  if (sign.startsWith('<<')) {
    const expands = !/['"\\]/.test(reader.source.slice(start, reader.at))
    const at = redirects.push({ descriptor: 0, operator: '<<', target: [] }) - 1
    const fill = (text: Word): void => void (redirects[at] = { descriptor: 0, operator: '<<', target: text })
    reader.documents.push({ delimiter: plain(target), expands, stripsTabs: sign === '<<-', fill })
  } else if (sign === '&>') {
    redirects.push({ descriptor: 1, operator: '>', target }, { descriptor: 2, operator: '>', target })
  } else redirects.push({ descriptor, operator: sign === '>|' ? '>' : (sign as Redirect['operator']), target })
  return true
}
