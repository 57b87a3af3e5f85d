import type { PublishedSums } from '../catalog/published-files.ts'

const lengths = { sha256: 64, sha512: 128 } as const

/**
 * The digest of one file in a publisher's list, in lower case; `undefined` when the list does not name it. Coreutils' and BSD's
 * lines and those of a `.treeinfo` and a Debian archive are understood; folders before a name count only when `name` has some.
 * Throws for a list that names the file twice with different digests.
 */
export function digestOf(list: string, name: string, algorithm: PublishedSums['algorithm']): string | undefined {
  const found = new Set<string>()
  for (const line of list.split(/\r?\n/)) {
    const entry = readLine(line, algorithm)
    if (entry && isSame(entry.name, name)) found.add(entry.digest.toLowerCase())
  }
  if (found.size > 1) throw new Error(`the list of digests names ${name} ${found.size} times, each time another one`)
  return [...found][0]
}

function readLine(line: string, algorithm: keyof typeof lengths): { digest: string; name: string } | undefined {
  const hex = `[0-9A-Fa-f]{${lengths[algorithm]}}`
  const forms = [
    // Before coreutils' form, which would take the size for a part of the name.
    new RegExp(`^(?<digest>${hex}) +[0-9]+ (?<name>[^ ]+)$`),
    new RegExp(`^(?<digest>${hex}) [ *](?<name>.+)$`),
    new RegExp(`^${algorithm.toUpperCase()} \\((?<name>.+)\\) ?= ?(?<digest>${hex})$`),
    new RegExp(`^(?<name>[^=\\s]+) ?= ?${algorithm}:(?<digest>${hex})$`),
  ]
  for (const form of forms) {
    const { digest, name } = form.exec(line.trim())?.groups ?? {}
    if (digest !== undefined && name !== undefined) return { digest, name: name.trim() }
  }
  return undefined
}

function isSame(listed: string, wanted: string): boolean {
  const plain = listed.replace(/^\.?\//, '')
  return plain === wanted || (!wanted.includes('/') && plain.split('/').at(-1) === wanted)
}
