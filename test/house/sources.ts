import { globSync, readFileSync } from 'node:fs'
import { join, matchesGlob, posix } from 'node:path'
import { importsOf, scan, type Import } from './scan.ts'

/** The house as text: paths from its root, with what the files say. A fixture is a map of a few lines. */
export type Tree = ReadonlyMap<string, string>

export interface Source {
  readonly path: string
  readonly text: string
  readonly code: string
  readonly strings: readonly string[]
  readonly imports: readonly Import[]
}

const kept = [
  '{packages,examples,test,bench,docs}/**/*.{ts,js,mjs}',
  '{packages,examples,test}/*/package.json',
  'packages/*/LICENSE',
  '{bench,docs}/package.json',
]

/** Reads the sources, manifests and licences below a folder. */
export function readTree(root: string): Map<string, string> {
  const paths = globSync([...kept, 'package-lock.json', 'LICENSE'], {
    cwd: root,
    exclude: (name) => /(^|\/)(node_modules|dist)$/.test(name),
  })
  return new Map(paths.toSorted().map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]))
}

/** The sources of a tree, scanned; `patterns` choose, `except` leaves out. */
export function sourcesOf(tree: Tree, patterns: readonly string[] = ['**'], except: readonly string[] = []): Source[] {
  return [...tree]
    .filter(([path]) => /\.(ts|js|mjs)$/.test(path) && matches(path, patterns) && !matches(path, except))
    .map(([path, text]) => ({ path, text, ...read(text) }))
}

/** Every check looks at the same texts: each is scanned once. */
const scans = new Map<string, Pick<Source, 'code' | 'strings' | 'imports'>>()

function read(text: string): Pick<Source, 'code' | 'strings' | 'imports'> {
  const known = scans.get(text)
  if (known) return known
  const scanned = scan(text)
  const result = { code: scanned.code, strings: [...scanned.strings.values()], imports: importsOf(scanned) }
  scans.set(text, result)
  return result
}

export const matches = (path: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matchesGlob(path, pattern))

export const isTest = (path: string): boolean => /\.test\.ts$|\/test\//.test(path) || path.startsWith('test/')

/** `packages/core` of `packages/core/src/machines/machines.ts`. */
export const workspaceOf = (path: string): string =>
  path
    .split('/')
    .slice(0, /^(test|bench|docs)\//.test(path) ? 1 : 2)
    .join('/')

/** The file that a relative specifier means, from the root of the house. */
export const resolveFrom = (path: string, specifier: string): string => posix.join(posix.dirname(path), specifier)

/** `@virtkit/core` of `@virtkit/core/inversify`, `node:*` of `node:fs`. */
export function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:*'
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
