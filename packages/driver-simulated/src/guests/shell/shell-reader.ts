import { ShellSyntaxError } from './shell-syntax.ts'
import type { Word } from './shell-syntax.ts'
import { quotedWord } from './shell-words.ts'
import type { ShellCursor } from './shell-words.ts'

interface PendingDocument {
  readonly delimiter: string
  readonly expands: boolean
  readonly stripsTabs: boolean
  readonly fill: (text: Word) => void
}

export interface Reader extends ShellCursor {
  /** Here-documents whose text begins after this line. */
  documents: PendingDocument[]
}

function readDocuments(reader: Reader): void {
  const pending = reader.documents
  reader.documents = []
  for (const { delimiter, expands, stripsTabs, fill } of pending) {
    const lines: string[] = []
    for (;;) {
      if (reader.at >= reader.source.length) throw new ShellSyntaxError(`the here-document has no end '${delimiter}'`)
      const found = reader.source.indexOf('\n', reader.at)
      const end = found === -1 ? reader.source.length : found
      const raw = reader.source.slice(reader.at, end)
      const line = stripsTabs ? raw.replace(/^\t+/, '') : raw
      reader.at = end + 1
      if (line === delimiter) break
      lines.push(line, '\n')
    }
    fill(expands ? quotedWord(lines.join('')) : [{ kind: 'text', text: lines.join(''), quoted: true }])
  }
}

/** Skips blanks, continued lines and comments; with `lines`, line ends too. */
export function skipBlank(reader: Reader, lines: boolean): void {
  for (;;) {
    const char = peek(reader)
    if (char === ' ' || char === '\t') reader.at += 1
    else if (peekAny(reader, '\\\n')) reader.at += 2
    else if (char === '#' && /^$|[\s;&|()]/.test(reader.source[reader.at - 1] ?? '')) {
      while (reader.at < reader.source.length && peek(reader) !== '\n') reader.at += 1
    } else if (char === '\n' && lines) {
      reader.at += 1
      readDocuments(reader)
    } else return
  }
}

export const peek = (reader: Reader): string => reader.source[reader.at] ?? ''
export const peekAny = (reader: Reader, text: string): boolean => reader.source.startsWith(text, reader.at)

export function take(reader: Reader, text: string): boolean {
  if (!peekAny(reader, text)) return false
  reader.at += text.length
  return true
}

export function peekKeyword(reader: Reader): string {
  return /^([a-z]+|[{}!])(?=[\s;&|()]|$)/.exec(reader.source.slice(reader.at, reader.at + 16))?.[1] ?? ''
}

export function takeKeyword(reader: Reader, keyword: string): void {
  skipBlank(reader, true)
  if (peekKeyword(reader) !== keyword) throw new ShellSyntaxError(`'${keyword}' is missing`)
  reader.at += keyword.length
}

export function plain(word: Word): string {
  return word.map((part) => (part.kind === 'text' ? part.text : '')).join('')
}
