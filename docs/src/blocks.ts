import type { Page } from './read-pages.ts'

/** A fenced block of a page, with what the comment before it says. */
export interface Block {
  readonly page: string
  /** Of its first line of code, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** `<!-- run: tour -->` is `{ word: 'run', rest: 'tour' }`. */
  readonly mark: Mark | undefined
}

export interface Mark {
  readonly word: string
  readonly rest: string
}

/** Every block of a page, in its order. A comment belongs to the block that it stands before, blank lines aside. */
export function blocksOf({ path, text }: Page): Block[] {
  const blocks: Block[] = []
  const lines = text.split('\n')
  let mark: Mark | undefined
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]!
    const [, comment] = /^\s*<!-- (.*) -->$/.exec(line) ?? []
    const [, indent, language] = /^(\s*)```(\w*)/.exec(line) ?? []
    if (comment !== undefined) mark = markOf(comment)
    else if (indent !== undefined && language !== undefined) {
      const end = lines.findIndex((each, at) => at > index && each === `${indent}\`\`\``)
      if (end < 0) throw new Error(`${path}:${index + 1} begins a block that does not end`)
      const code = lines
        .slice(index + 1, end)
        .map((each) => each.slice(Math.min(indent.length, /^\s*/.exec(each)![0].length)))
      blocks.push({ page: path, line: index + 2, language, code: `${code.join('\n')}\n`, mark })
      mark = undefined
      index = end
    } else if (line.trim() !== '') mark = undefined
  }
  return blocks
}

/** `run: tour`; `from examples/embed/src/main.ts: embed`, or the same with `, between the marks` before the colon. */
function markOf(comment: string): Mark {
  const [, file, name] = /^from (\S+?)(?:, between the marks)?: (\w+)$/.exec(comment) ?? []
  if (file !== undefined) return { word: 'from', rest: `${file}: ${name}` }
  const [, word = '', rest = ''] = /^(\w+):? ?(.*)$/.exec(comment) ?? []
  return { word, rest }
}
