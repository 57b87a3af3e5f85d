/** A value of a YAML document, of its JSON schema (YAML 1.2.2, chapter 10.2). */
export type Yaml = string | number | boolean | null | readonly Yaml[] | { readonly [key: string]: Yaml }

/** The text is not in the part of YAML that we read; the message names the line. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
}

interface Line {
  readonly number: number
  readonly indent: number
  readonly text: string
}

interface Lines {
  /** Without comments and empty lines. */
  readonly meaning: readonly Line[]
  /** As they stand, for block scalars. */
  readonly raw: readonly string[]
  at: number
}

/**
 * Reads block maps and lists, flow collections, quoted and plain scalars and block scalars. Anchors, tags, multi-line plain
 * scalars and several documents are refused. Throws `YamlError`.
 */
export function readYaml(text: string): Yaml {
  const raw = text.replaceAll('\r\n', '\n').split('\n')
  const meaning = raw.flatMap((line, number) => {
    const indent = line.search(/[^ ]/)
    const trimmed = line.slice(Math.max(indent, 0)).trimEnd()
    if (trimmed === '' || trimmed.startsWith('#') || (number < 3 && trimmed === '---')) return []
    if (trimmed.startsWith('\t')) throw new YamlError(`line ${number + 1}: a tab as indentation`)
    return [{ number, indent, text: trimmed }]
  })
  const lines: Lines = { meaning, raw, at: 0 }
  if (meaning.length === 0) return null
  const value = readBlock(lines, 0)
  const left = lines.meaning[lines.at]
  if (left) throw new YamlError(`line ${left.number + 1}: wrong indentation`)
  return value
}

function readBlock(lines: Lines, minimum: number): Yaml {
  const first = lines.meaning[lines.at]
  if (!first || first.indent < minimum) return null
  if (/^-(\s|$)/.test(first.text)) return readList(lines, first.indent)
  if (splitKey(first)) return readMap(lines, first.indent)
  return readScalar(lines, first, first.text, first.indent)
}

function readList(lines: Lines, indent: number): Yaml {
  const list: Yaml[] = []
  for (let line = lines.meaning[lines.at]; line?.indent === indent; line = lines.meaning[lines.at]) {
    const [, gap = '', rest = ''] = /^-(\s*)(.*)$/s.exec(line.text) ?? []
    if (!/^-(\s|$)/.test(line.text)) break
    if (rest === '' || rest.startsWith('#')) {
      lines.at += 1
      list.push(readBlock(lines, indent + 1))
      continue
    }
    // What follows the dash is a block of its own, one level deeper.
    const inner = { ...line, indent: indent + 1 + gap.length, text: rest }
    const meaning = lines.meaning.with(lines.at, inner)
    const below: Lines = { ...lines, meaning }
    list.push(isBlockStart(inner) ? readBlock(below, inner.indent) : readScalar(below, inner, rest, indent + 1))
    lines.at = below.at
  }
  return list
}

const isBlockStart = (line: Line): boolean => /^-(\s|$)/.test(line.text) || splitKey(line) !== undefined

function readMap(lines: Lines, indent: number): Yaml {
  const map = new Map<string, Yaml>()
  for (let line = lines.meaning[lines.at]; line?.indent === indent; line = lines.meaning[lines.at]) {
    const entry = splitKey(line)
    if (!entry) throw new YamlError(`line ${line.number + 1}: expected a key`)
    if (map.has(entry.key)) throw new YamlError(`line ${line.number + 1}: the key ${entry.key} stands twice`)
    if (entry.rest === '' || entry.rest.startsWith('#')) {
      lines.at += 1
      const next = lines.meaning[lines.at]
      // A list may stand as far left as the key that it belongs to.
      const listBelow = next?.indent === indent && /^-(\s|$)/.test(next.text)
      map.set(entry.key, readBlock(lines, listBelow ? indent : indent + 1))
    } else map.set(entry.key, readScalar(lines, line, entry.rest, indent + 1))
  }
  return Object.fromEntries(map)
}

function splitKey(line: Line): { key: string; rest: string } | undefined {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*:(?:\s+(.*))?$/s.exec(line.text)
  if (quoted) return { key: String(readFlow(quoted[1] ?? '', line.number)), rest: quoted[2] ?? '' }
  if (/^["'[{|>&*!%@`]/.test(line.text)) return undefined
  const plain = /^([^#]*?[^\s#]|[^\s#])\s*:(?:\s+(.*))?$/s.exec(line.text)
  return plain ? { key: plain[1] ?? '', rest: plain[2] ?? '' } : undefined
}

function readScalar(lines: Lines, line: Line, text: string, minimum: number): Yaml {
  const [, style, chomp] = /^([|>])([-+]?)(?:\s+#.*)?$/.exec(text) ?? []
  lines.at += 1
  if (style !== undefined) return readBlockScalar(lines, line, style, chomp ?? '', minimum)
  if (/^[[{]/.test(text)) return readFlow(joinFlow(lines, text), line.number)
  return readFlow(text, line.number)
}

/** A flow collection may go on over lines until its brackets are closed. */
function joinFlow(lines: Lines, text: string): string {
  let joined = text
  const open = (): number => {
    const bare = joined.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '')
    return (bare.match(/[[{]/g) ?? []).length - (bare.match(/[\]}]/g) ?? []).length
  }
  for (let next = lines.meaning[lines.at]; open() > 0 && next; next = lines.meaning[lines.at]) {
    joined += ` ${next.text}`
    lines.at += 1
  }
  return joined
}

function readBlockScalar(lines: Lines, line: Line, style: string, chomp: string, minimum: number): string {
  const texts: string[] = []
  let indent: number | undefined
  let number = line.number + 1
  for (; number < lines.raw.length; number += 1) {
    const raw = lines.raw[number] ?? ''
    const own = raw.search(/[^ ]/)
    if (own !== -1 && own < (indent ?? minimum)) break
    if (own !== -1) indent ??= own
    texts.push(raw.slice(indent ?? raw.length))
  }
  while ((lines.meaning[lines.at]?.number ?? Infinity) < number) lines.at += 1
  const body = texts.join('\n').replace(/\n*$/, '')
  const folded = style === '>' ? body.replaceAll(/([^\n])\n(?=[^\n ])/g, '$1 ') : body
  return chomp === '-' ? folded : `${folded}\n`
}

/** Reads one flow value: JSON's forms, single quotes, plain scalars. */
function readFlow(text: string, lineNumber: number): Yaml {
  let at = 0
  const fail = (problem: string): never => {
    throw new YamlError(`line ${lineNumber + 1}: ${problem}`)
  }
  const skip = (): void => {
    while (/\s/.test(text[at] ?? '')) at += 1
  }
  const value = (inside: boolean): Yaml => {
    skip()
    const char = text[at] ?? ''
    if (char === '[') return list()
    if (char === '{') return map()
    if (char === '"' || char === "'") return quoted(char)
    if (/^[&*!|>%@`]/.test(char)) return fail(`'${char}' is not understood here`)
    const [plain = ''] =
      (inside ? /^(?:[^,[\]{}:#]|:(?=[^\s,[\]{}])|(?<=\S)#)*/ : /^(?:(?!\s#)(?!:\s)[^])*/).exec(text.slice(at)) ?? []
    at += plain.length
    return plainValue(plain.trim())
  }
  const quoted = (quote: string): string => {
    const [whole] =
      (quote === '"' ? /^"(?:[^"\\]|\\.)*"/s : /^'(?:[^']|'')*'/s).exec(text.slice(at)) ?? fail('a quote is not closed')
    at += whole.length
    if (quote === "'") return whole.slice(1, -1).replaceAll("''", "'")
    try {
      return JSON.parse(whole) as string
    } catch {
      return fail('an escape is not understood')
    }
  }
  const list = (): Yaml => {
    const items: Yaml[] = []
    for (at += 1, skip(); text[at] !== ']'; skip()) {
      items.push(value(true))
      skip()
      if (text[at] === ',') at += 1
      else if (text[at] !== ']') fail("expected ',' or ']'")
    }
    at += 1
    return items
  }
  const map = (): Yaml => {
    const entries: [string, Yaml][] = []
    for (at += 1, skip(); text[at] !== '}'; skip()) {
      const key = String(value(true))
      skip()
      if (text[at] !== ':') fail("expected ':'")
      at += 1
      entries.push([key, value(true)])
      skip()
      if (text[at] === ',') at += 1
      else if (text[at] !== '}') fail("expected ',' or '}'")
    }
    at += 1
    return Object.fromEntries(entries)
  }
  const result = value(false)
  skip()
  if (at < text.length && text[at] !== '#') fail(`unexpected '${text[at]}'`)
  return result
}

function plainValue(text: string): Yaml {
  if (text === '' || text === '~' || text === 'null') return null
  if (text === 'true' || text === 'false') return text === 'true'
  return /^[-+]?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text
}
