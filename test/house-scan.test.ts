import { describe, expect, it } from 'vitest'
import { importsOf, scan } from './house/scan.ts'

const imported = (text: string): string[] => importsOf(scan(text)).map(({ specifier }) => specifier)

describe('the scanner of imports', () => {
  it.each([
    [`import a from 'a'`, 'a'],
    [`import {\n  a, // first\n  type B,\n} from "a"`, 'a'],
    [`import type { A } from 'a'`, 'a'],
    [`import 'a'`, 'a'],
    [`export * from 'a'`, 'a'],
    [`export type { A } from 'a'`, 'a'],
    [`const a = await import('a')`, 'a'],
    ['const a = await import(`a`)', 'a'],
    [`type A = import('a').A`, 'a'],
    [`const a = createRequire(import.meta.url)\nrequire('a')`, 'a'],
    [`const text = \`\${await import('a')} \${{ b: '}' }.b}\``, 'a'],
    [`const half = 4 / 2\nimport a from 'a' // 1 / 2`, 'a'],
    [`export const quote = /['"/]/\nimport a from 'a'`, 'a'],
  ])('finds what %j imports', (text, specifier) => expect(imported(text)).toEqual([specifier]))

  it.each([
    [`// import a from 'a'`],
    [`/* import a from 'a' */`],
    [`const text = "import a from 'a'"`],
    ["const text = `import a from 'a' ${1} import 'b'`"],
    [`const from = 'a'`],
    [`const url = 'http://a' // from 'a'`],
    [`const quote = /import 'a'/`],
  ])('finds nothing in %j', (text) => expect(imported(text)).toEqual([]))

  it('tells types from what runs, and where each stands', () => {
    const text = `import type { A } from 'a'\nexport const b = 1\nimport { type C } from 'c'\nexport type { D } from 'd'\nimport type, { e } from 'e'`
    expect(importsOf(scan(text)).map(({ specifier, isType, line }) => [specifier, isType, line])).toEqual([
      ['a', true, 1],
      ['c', false, 3],
      ['d', true, 4],
      ['e', false, 5],
    ])
  })

  it('keeps code and places, and takes comments and strings out', () => {
    const text = `a('x') // y\nb(\`z\`)`
    expect(scan(text).code).toBe(`a(' ')     \nb(\` \`)`)
    expect([...scan(text).strings.values()]).toEqual(['x', 'z'])
  })
})
