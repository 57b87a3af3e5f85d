import { RequestError } from './error-answer.ts'

/** No body of the contract comes near it. */
const deepest = 32

/**
 * JSON (RFC 8259), strictly: what parsers read differently (a name twice in an object) and what no database takes (NUL, halves of
 * characters) is refused, and so is what is nested deeper than anything here. Throws 400.
 */
export function parseJson(text: string): unknown {
  let value: unknown
  try {
    refuseDepth(text)
    value = JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof RequestError) throw error
    throw new RequestError(400, ['body: is no JSON'])
  }
  const problems = scanNames(text)
  if (problems.length > 0) throw new RequestError(400, problems)
  return value
}

/** Brackets, commas, colons and texts, as they stand; by hand, since a pattern's stack ends before a long text does. */
function* tokensOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === '"') {
      let end = at + 1
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
      yield text.slice(at, end + 1)
      at = end
    } else if ('{}[],:'.includes(character)) {
      yield character
    }
  }
}

function refuseDepth(text: string): void {
  let depth = 0
  for (const part of tokensOf(text)) {
    if (part === '{' || part === '[') depth++
    else if (part === '}' || part === ']') depth--
    if (depth > deepest) throw new RequestError(400, [`body: is nested deeper than ${deepest}`])
  }
}

/** Of a text that is JSON: names that an object has twice, and texts with what cannot be kept. */
function scanNames(text: string): string[] {
  const problems = new Set<string>()
  const objects: (Set<string> | undefined)[] = []
  let last: string | undefined
  for (const part of tokensOf(text)) {
    if (part === '{') objects.push(new Set())
    else if (part === '[') objects.push(undefined)
    else if (part === '}' || part === ']') objects.pop()
    else if (part === ':') {
      const names = objects.at(-1)!
      if (names.has(last!)) problems.add(`${last!.slice(0, 80)}: is given twice`)
      names.add(last!)
    } else if (part !== ',') {
      last = JSON.parse(part) as string
      if (!isKeepable(last)) problems.add('body: has a text with NUL or half a character')
    }
  }
  return [...problems]
}

/** PostgreSQL keeps no NUL, and UTF-8 has no halves of surrogate pairs. */
export const isKeepable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
