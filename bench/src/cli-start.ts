import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchContext, Figure, Row } from './figure.ts'
import { type Side, measurePairs } from './pairs.ts'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** How long `virtkit --help` takes, as it is installed, beside a Node process that does nothing. */
export const cliStart: Figure = {
  name: 'cli-start',
  engines: [],
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), 'virtkit-bench-start-'))
    try {
      const empty = join(folder, 'empty.js')
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
      writeFileSync(empty, '')
      return [await measure(context, empty)]
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

async function measure({ quick, report }: BenchContext, empty: string): Promise<Row> {
  const program = quick
    ? ['--conditions=@virtkit/source', at('packages/cli/src/main.ts'), '--help']
    : [compiled(), '--help']
  const how = quick ? { rounds: 1, sliceMs: 1 } : { rounds: 15, sliceMs: 200 }
  const { value, limit, ratio } = await measurePairs(sideOf(program, /^Usage: virtkit /), sideOf([empty], /^$/), how)
  report(`cli-start: ${(1 / ratio).toFixed(2)}`)
  // They are counted per second; people wait in milliseconds.
  return {
    figure: 'cli-start',
    engine: '-',
    setting: 'virtkit --help',
    value: 1000 / value,
    unit: 'ms',
    limit: 1000 / limit,
    ratio: 1 / ratio,
    target: { atMost: 1.5, of: 'ratio' },
  }
}

/** What is installed is compiled; the sources would be compiled at each start. */
function compiled(): string {
  const tsc = at('node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-b', at('tsconfig.packages.json')], { stdio: 'inherit' })
  if (status !== 0 || !existsSync(at('packages/cli/dist/main.js'))) throw new Error('the packages do not compile')
  return at('packages/cli/bin/virtkit.js')
}

function sideOf(program: readonly string[], prints: RegExp): Side {
  return {
    putBack: async () => {},
    burst: async () => {
      const from = performance.now()
      const { status, stdout } = spawnSync(process.execPath, program, { encoding: 'utf8' })
      const ms = performance.now() - from
      if (status !== 0 || !prints.test(stdout)) throw new Error(`${program.join(' ')} ended with ${status}: ${stdout}`)
      return { calls: 1, ms }
    },
  }
}
