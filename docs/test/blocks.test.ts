import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Block, blocksOf } from '../src/blocks.ts'
import { firstMissing } from '../src/printed.ts'
import { type Program, programsOf } from '../src/programs.ts'
import { readPages } from '../src/read-pages.ts'
import { runShell } from './run-shell.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const blocks = readPages(root).flatMap(blocksOf)
const cuts = blocks.filter(({ mark }) => mark?.word === 'from')
const programs = programsOf(blocks.filter((block) => !cuts.includes(block)))
const shells = Map.groupBy(
  blocks.filter(({ language, mark }) => language === 'sh' && mark?.word === 'run'),
  ({ page, mark }) => `${page}: ${mark!.rest}`,
)
const folder = join(root, '.tmp')
let sources: string

/** What blocks import from files beside them. */
const beside: Readonly<Record<string, string>> = {
  'options.ts': `import type { Secret, StandardSchema } from '@virtkit/spi'
    export declare const acmeOptions: StandardSchema<{ url: string; password: Secret }>`,
  'connect.ts': `import type { Call, Hypervisor, Secret } from '@virtkit/spi'
    export declare function openAcme(options: { url: string; password: Secret }, call: Call): Promise<Hypervisor>`,
  'acme.ts': `import type { HypervisorDriver } from '@virtkit/spi'
    export declare const acme: HypervisorDriver<{ url: string; password: import('@virtkit/spi').Secret }>`,
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  sources = mkdtempSync(join(folder, 'blocks-'))
  for (const { name, text } of programs) writeFileSync(join(sources, `${name}.ts`), text)
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(sources, name), text)
  const options = {
    extends: resolve(root, 'tsconfig.tests.json'),
    compilerOptions: { incremental: false, tsBuildInfoFile: null, noUnusedLocals: false },
    include: ['.'],
  }
  writeFileSync(join(sources, 'tsconfig.json'), JSON.stringify(options))
})
afterAll(() => rmSync(sources, { recursive: true, force: true }))

it('every block of TypeScript in every page compiles', async () => {
  expect(programs.length).toBeGreaterThan(13)
  const complaints = await compile()
  expect(complaints).toEqual([])
})

it.each(cuts.map((block) => [`${block.page}:${block.line}`, block] as const))(
  '%s is a cut from a file that runs',
  (_, block) => {
    const [, file, mark] = /^(\S+): (\w+)$/.exec(block.mark!.rest)!
    expect(block.code).toBe(cut(file!, mark!))
  },
)

describe('what is marked to run', () => {
  it.concurrent.each(programs.filter(({ isRun }) => isRun).map((program) => [program.places[0]!, program] as const))(
    '%s runs, and prints what the page says',
    async (place, { name }) => {
      const said = printedIn(place.replace(/:\d+$/, '')).filter(({ mark }) => name.endsWith(`-${mark!.rest}`))
      expect(missing(said, await run(join(sources, `${name}.ts`)))).toBe('')
    },
  )

  it.concurrent.each([...shells])('%s runs in a terminal, and prints what the page says', async (_, members) => {
    const { page, mark } = members[0]!
    const served = blocks.find(
      (each) => each.page === page && each.mark?.word === 'serves' && each.mark.rest === mark!.rest,
    )
    const output = await runShell(members.map(({ code }) => code).join('\n'), served?.code)
    expect(
      missing(
        printedIn(page).filter((each) => each.mark!.rest === mark!.rest),
        output,
      ),
    ).toBe('')
  })
})

it('nothing is marked in a way that nobody knows, or as printed by nothing', () => {
  const known = new Set(['from', 'run', 'compiled', 'with', 'serves', 'prints'])
  const odd = blocks.filter(({ language, mark }) => (language === 'ts' ? mark && !known.has(mark.word) : false))
  expect(odd.map(({ page, line, mark }) => `${page}:${line} ${mark!.word}`)).toEqual([])
  const names = new Set(blocks.filter(({ mark }) => mark?.word === 'run').map(({ page, mark }) => `${page} ${mark!.rest}`))
  const orphans = blocks.filter(
    ({ page, mark }) => mark && ['prints', 'serves'].includes(mark.word) && !names.has(`${page} ${mark.rest}`),
  )
  expect(orphans.map(({ page, line }) => `${page}:${line}`)).toEqual([])
  expect(names.size).toBeGreaterThan(2)
})

/** What the compiler says, at the places of the pages. */
async function compile(): Promise<string[]> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', sources, '--pretty', 'false']).catch(
    (failed: { stdout: string }) => failed,
  )
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      line.replace(
        /^(?:.*\/)?([\w-]+)\.ts\((\d+),\d+\)/,
        (place, name: string, number: string) => placeOf(name, Number(number)) ?? place,
      ),
    )
}

const placeOf = (name: string, line: number): string | undefined =>
  programs.find((each: Program) => each.name === name)?.places[line - 1]

async function run(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@virtkit/source', file], {
    cwd: sources,
    timeout: 90_000,
  })
  return stdout
}

const printedIn = (page: string): Block[] => blocks.filter((each) => each.page === page && each.mark?.word === 'prints')

/** What a page says is printed and was not; with what was. */
function missing(said: readonly Block[], output: string): string {
  const lines = said.flatMap(({ page, line, code }) => {
    const first = firstMissing(code, output)
    return first === undefined ? [] : [`${page}:${line} ${first}`]
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n${output}`
}

/** The lines of a file between `// mark {` and `// }`. */
function cut(file: string, mark: string): string {
  const found = new RegExp(`^( *)// ${mark} \\{\\n(.*?)^ *// \\}\\n`, 'ms').exec(readFileSync(join(root, file), 'utf8'))
  if (!found) throw new Error(`${file} has no mark ${mark}`)
  return found[2]!.replaceAll(new RegExp(`^${found[1]}`, 'gm'), '')
}
