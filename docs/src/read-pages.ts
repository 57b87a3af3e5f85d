import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A page as the repository has it. */
export interface Page {
  /** From the root of the repository: `docs/guides/embed.md`. */
  readonly path: string
  readonly title: string
  readonly text: string
}

const everything = ['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md', 'bench/README.md']

/** Every page of the repository that people read, in the order of their paths. */
export function readPages(root: string): Page[] {
  const paths = globSync(everything, { cwd: root, exclude: (name) => /(^|\/)(node_modules|\.vitepress)$/.test(name) })
  return paths.toSorted().map((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return { path: path.replaceAll('\\', '/'), title: titleOf(text) ?? path, text }
  })
}

/** The first heading, without its marks. */
export function titleOf(text: string): string | undefined {
  return /^# (.+)$/m.exec(text)?.[1]!.replaceAll('`', '')
}
