/** A source without its comments and string contents, and the strings with their places. TypeScript 7 has no parser to ask. */
export interface Scanned {
  /** As long as the text; comments and what strings say are blanks, line breaks and quotes stay. */
  readonly code: string
  readonly strings: ReadonlyMap<number, string>
}

export interface Import {
  readonly specifier: string
  readonly line: number
  /** `import type` and `export type`: gone when the program runs. */
  readonly isType: boolean
}

const regexMayFollow = /(?:^|[=(,:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|yield|await|throw))\s*$/

export function scan(text: string): Scanned {
  const code =
    [...text].length === text.length ? text.split('') : Array.from({ length: text.length }, (_, at) => text.charAt(at))
  const strings = new Map<number, string>()
  const depths: number[] = [] // how many braces are open inside each template hole we are in
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at++) if (code[at] !== '\n') code[at] = ' '
  }
  const template = (from: number): number => {
    let end = from
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) end += text[end] === '\\' ? 2 : 1
    blank(from, end)
    if (text[end] !== '$') return end + 1
    depths.push(0)
    return end + 2
  }
  let at = 0
  while (at < text.length) {
    const char = text[at]!
    const rest = text.startsWith('//', at) ? '\n' : text.startsWith('/*', at) ? '*/' : undefined
    if (rest !== undefined) {
      const found = text.indexOf(rest, at + 2)
      const end = found < 0 ? text.length : found + (rest === '*/' ? 2 : 0)
      blank(at, end)
      at = end
    } else if (char === "'" || char === '"') {
      let end = at + 1
      while (end < text.length && text[end] !== char && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1
      strings.set(at, text.slice(at + 1, end))
      blank(at + 1, end)
      at = end + 1
    } else if (char === '`') {
      const end = template(at + 1)
      if (text[end - 1] === '`') strings.set(at, text.slice(at + 1, end - 1))
      at = end
    } else if (char === '/' && regexMayFollow.test(code.slice(Math.max(0, at - 40), at).join(''))) {
      const end = endOfRegex(text, at)
      blank(at + 1, end - 1)
      at = end
    } else if (char === '}' && depths.at(-1) === 0) {
      depths.pop()
      at = template(at + 1)
    } else {
      if (depths.length > 0 && char === '{') depths[depths.length - 1]! += 1
      if (depths.length > 0 && char === '}') depths[depths.length - 1]! -= 1
      at += 1
    }
  }
  return { code: code.join(''), strings }
}

function endOfRegex(text: string, from: number): number {
  let inClass = false
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) return at + 1
  }
  return from + 1 // it was a division after all
}

const importForms = [
  /\b(?:import|export)\b(?:(?!\b(?:import|export)\b)[^'"`;])*?\bfrom\s*(?=['"])/g,
  /\bimport\s*(?=['"])/g,
  /\b(?:import|require|import\.meta\.resolve|require\.resolve)\s*\(\s*(?=['"`])/g,
]

/** Everything that a source imports: static, re-exported, for types, dynamic, required. */
export function importsOf({ code, strings }: Scanned): Import[] {
  const found = new Map<number, Import>()
  for (const form of importForms) {
    for (const match of code.matchAll(form)) {
      const quote = match.index + match[0].length
      const specifier = strings.get(quote)
      if (specifier === undefined) continue
      const isType = /^(?:import|export)\s+type\s+[^,]/.test(match[0]) && !/^import\s+type\s+from/.test(match[0])
      found.set(quote, { specifier, isType, line: code.slice(0, quote).split('\n').length })
    }
  }
  return [...found.values()]
}
