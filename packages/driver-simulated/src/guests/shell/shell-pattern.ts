import type { FileTree } from '../file-tree.ts'

/** The source of a regular expression for a shell pattern (POSIX shell, 2.13). */
export function patternSource(pattern: string, segment = false): string {
  let source = ''
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at] ?? ''
    const set = char === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(at)) : null
    if (char === '\\') source += escaped(pattern[(at += 1)] ?? '\\')
    else if (char === '*') source += segment ? '[^/]*' : '[^]*'
    else if (char === '?') source += segment ? '[^/]' : '[^]'
    else if (set) {
      source += `[${set[1] ? '^' : ''}${(set[2] ?? '').replaceAll(/[\\\]^]/g, '\\$&')}]`
      at += set[0].length - 1
    } else source += escaped(char)
  }
  return source
}

export function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

export function matchesPattern(text: string, pattern: string): boolean {
  return new RegExp(`^${patternSource(pattern)}$`).test(text)
}

/** `${name#pattern}` and its kin: the shortest or longest match is cut off at the beginning or the end. */
export function cutPattern(text: string, operator: string, pattern: string): string {
  const lengths = Array.from({ length: text.length + 1 }, (_, length) => length)
  const ordered = operator.length === 2 ? lengths.toReversed() : lengths
  for (const length of ordered) {
    const atStart = operator.startsWith('#')
    const piece = atStart ? text.slice(0, length) : text.slice(text.length - length)
    if (matchesPattern(piece, pattern)) return atStart ? text.slice(length) : text.slice(0, text.length - length)
  }
  return text
}

/** Files and folders whose path matches, in order; none found leaves the pattern as it is. */
export function matchingPaths(pattern: string, files: FileTree): readonly string[] {
  const expression = new RegExp(`^${patternSource(pattern, true)}$`)
  const all = new Set<string>()
  for (const path of files.paths()) {
    for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) all.add(path.slice(0, at))
  }
  const found = [...all].filter((path) => expression.test(path)).toSorted()
  return found.length > 0 ? found : [pattern]
}
