import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const readme = readFileSync('README.md', 'utf8')
const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!)

/** The lines of a file between `// mark {` and `// }`. */
function cut(file: string, mark: string): string {
  const found = new RegExp(`^// ${mark} \\{\\n(.*?)^// \\}\\n`, 'ms').exec(readFileSync(file, 'utf8'))
  if (!found) throw new Error(`${file} has no mark ${mark}`)
  return found[1]!
}

it('the first block of the README is the example that runs', () => {
  expect(blocks[0]).toBe(cut('examples/embed/src/main.ts', 'embed'))
})

it('the block about mounting is out of an example that runs', () => {
  expect(blocks[3]).toBe(cut('examples/mount-express/src/main.ts', 'mount'))
})

it('the other blocks of the README compile as they stand', () => {
  const [, driver, test, , ...more] = blocks
  expect(more).toEqual([])
  mkdirSync('.tmp', { recursive: true })
  const folder = mkdtempSync('.tmp/readme-')
  const files = {
    'src/index.ts': driver!,
    'src/options.ts': `import type { StandardSchema } from '@virtkit/spi'
      export declare const acmeOptions: StandardSchema<{ url: string; token: string }>`,
    'src/connect.ts': `import type { Call, Hypervisor } from '@virtkit/spi'
      export declare function openAcme(options: { url: string; token: string }, call: Call): Promise<Hypervisor>`,
    'test/conformance.test.ts': test!,
    'tsconfig.json': JSON.stringify({
      extends: resolve('tsconfig.tests.json'),
      compilerOptions: { incremental: false, tsBuildInfoFile: null },
      include: ['src', 'test'],
    }),
  }
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const { stdout, status } = spawnSync('tsc', ['-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('every link of the README leads to a file', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]!)
  expect(links.length).toBeGreaterThan(5)
  for (const link of links) expect(() => readFileSync(link)).not.toThrow(/ENOENT/)
})
