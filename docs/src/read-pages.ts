import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A page as the repository has it. */
export interface Page {
  /** From the root of the repository: `docs/guides/embed.md`. */
  readonly path: string
  readonly title: string
  readonly text: string
}

const kept = ['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md', 'bench/README.md']

/** Every page of the repository that people read, in the order of their paths; those that are made with the site, too, where they are asked for. */
export function readPages(root: string, { made = false }: { readonly made?: boolean } = {}): Page[] {
  const left = ['**/node_modules/**', '**/.vitepress/**', ...(made ? [] : ['docs/reference/api/**'])]
  return globSync(kept, { cwd: root, exclude: left })
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path: path.replaceAll('\\', '/'), title: titleOf(text) ?? path, text }
    })
}

/** The first heading, without its marks. */
export function titleOf(text: string): string | undefined {
  return /^# (.+)$/m.exec(text)?.[1]!.replaceAll('`', '')
}
