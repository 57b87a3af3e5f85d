import type { Block } from './blocks.ts'
import { contexts } from './contexts.ts'

/** TypeScript out of one block, or of several of a page that go on one after the other. */
export interface Program {
  /** `docs-guides-embed-tour`: a file name. */
  readonly name: string
  readonly text: string
  readonly isRun: boolean
  /** Where each line of the text stands: `docs/guides/embed.md:17`. */
  readonly places: readonly string[]
}

/**
 * The programs of the blocks in `ts`. By the mark: `run: name` and `compiled: name` join the blocks of that name on a page, and `run` has it
 * run; `with: kit, app` says which names the block takes from its surroundings. Without one it stands for itself.
 */
export function programsOf(blocks: readonly Block[]): Program[] {
  const typed = blocks.filter(({ language }) => language === 'ts')
  return [...Map.groupBy(typed, nameOf)].map(([name, members]) => {
    const parts = members.flatMap((block) => [
      ...preludeOf(block).map((text) => ({ text, place: `${block.page}:${block.line - 2}` })),
      ...block.code
        .trimEnd()
        .split('\n')
        .map((text, index) => ({ text, place: `${block.page}:${block.line + index}` })),
    ])
    return {
      name,
      text: [...parts.map(({ text }) => text), 'export {}', ''].join('\n'),
      isRun: members.some(({ mark }) => mark?.word === 'run'),
      places: parts.map(({ place }) => place),
    }
  })
}

function nameOf({ page, line, mark }: Block): string {
  const isNamed = mark?.word === 'run' || mark?.word === 'compiled'
  return `${page.replace(/(\/README)?\.md$/, '')}-${isNamed ? mark.rest : line}`.replaceAll(/\W+/g, '-')
}

function preludeOf({ page, line, mark }: Block): string[] {
  if (mark?.word !== 'with') return []
  return mark.rest.split(', ').map((name) => {
    const context = contexts[name]
    if (context === undefined) throw new Error(`${page}:${line} takes ${name} from nowhere: add it to docs/src/contexts.ts`)
    return context
  })
}
