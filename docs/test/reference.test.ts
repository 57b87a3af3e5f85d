import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { driverCases } from '@virtkit/spi/conformance'
import { describe, expect, it } from 'vitest'
import { Exports } from '../src/declarations.ts'
import { listDoors } from '../src/doors.ts'
import { membersOf } from '../src/members.ts'
import { type Original, renderOriginal } from '../src/reference/original.ts'
import { type SupportReport, renderSupportMatrix } from '../src/reference/support-matrix.ts'
import { renderApi } from '../src/render-api.ts'
import { renderReference } from '../src/render-reference.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const reference = renderReference(root)

it.each([...reference])('%s is as the sources are (npm run docs:reference)', (path, text) => {
  expect(read(path)).toBe(text)
})

it('every code of an error has its meaning, its status and a way out', () => {
  const page = reference.get('docs/reference/errors.md')!
  const codes = membersOf(read('packages/spi/src/errors/error-details.ts'), 'ErrorDetails')
  expect(codes.length).toBeGreaterThan(20)
  for (const { name, doc } of codes) {
    expect([name, doc]).toEqual([name, expect.stringMatching(/\w/)])
    expect(page).toMatch(
      new RegExp(
        `^## ${name}\\n\\n.+\\n\\n- \\*\\*What to do:\\*\\* .+\\n- \\*\\*Details:\\*\\* .+\\n- \\*\\*HTTP status:\\*\\* \\d{3}$`,
        'm',
      ),
    )
  }
})

describe('the page for those who come from the original', () => {
  const originals = JSON.parse(read('packages/rest/test/operations.json')) as Original[]

  it('has each of its operations once', () => {
    const rows = [...reference.get('docs/reference/original.md')!.matchAll(/^\| `((?:GET|POST|PUT|DELETE) \S+)` \|/gm)].map(
      ([, name]) => name,
    )
    expect(rows.toSorted()).toEqual(originals.map(({ method, path }) => `${method} ${path}`).toSorted())
    expect(rows).toHaveLength(109)
  })

  it('cannot be made when one of them is nowhere', () => {
    expect(() => renderOriginal([{ method: 'GET', path: '/nowhere' }], {}, '')).toThrow('GET /nowhere is nowhere')
  })

  it('names a command when the reference of the command has it', async () => {
    const { contract } = await import('@virtkit/rest/contract')
    const page = renderOriginal(originals, contract, 'virtkit machine list\nvirtkit login')
    expect(page).toContain(
      '| `GET /virtualmachines` | Read all virtual machines | `client.virtualMachines.list` | `virtkit machine list` |',
    )
    expect(page).toMatch(/`POST \/token` .*`virtkit login` \|/)
    expect(page.match(/`virtkit /g)).toHaveLength(2)
  })
})

it('the support matrix says why a case was not run, and takes none for passed that was not', () => {
  const [first, second] = driverCases
  const key = (each = first!): string => `${each.id.split('.')[0]}: ${each.name}`
  const report: SupportReport = {
    driver: 'acme',
    target: 'a lab',
    results: { [key()]: 'passed', [key(second)]: { skipped: 'no hands' } },
  }
  const page = renderSupportMatrix(driverCases, [report])
  const all = driverCases.filter(({ id }) => id.startsWith('connection.')).length
  expect(page).toContain(`| connection | 1/${all} |`)
  const others = driverCases.filter(({ needs }) => !needs.some((need) => need.startsWith('not ')))
  expect(page).toContain(`1 of ${others.length} cases passed`)
  expect(page).toContain(`- no hands: \`${second!.id}\``)
  expect(page).toMatch(/^- not run: /m)
})

describe('the page of a door', () => {
  it.each(listDoors(root).filter(({ name }) => !/nest|koa|fastify|express/.test(name)))(
    '$name has everything that it exports',
    async ({ source }) => {
      const { declared, handedOn } = new Exports(read, source)
      const names = new Set([...declared, ...handedOn].map((each) => each.name.split('.')[0]))
      const door = (await import(/* @vite-ignore */ join(root, source))) as object
      expect(Object.keys(door).filter((each) => !names.has(each))).toEqual([])
      expect(declared.filter(({ code }) => code.trim() === '').map((each) => each.name)).toEqual([])
      expect(names.size).toBeGreaterThan(0)
    },
  )

  it('is what a docstring says, and the declaration with what is said of its members', () => {
    const files: Record<string, string> = {
      'door.ts': `export { type Thing, make as build } from './thing.ts'\nexport type { Far } from 'far'`,
      './thing.ts': '',
      'thing.ts': `/** A thing.\n *\n * @example\n * \`\`\`ts\n * build()\n * \`\`\`\n */\nexport interface Thing {\n  /** Its size. */\n  readonly size: number\n}\nexport function make(): Thing { return { size: 1 } }`,
    }
    const page = renderApi('@virtkit/door', new Exports((path) => files[path]!, 'door.ts'))
    expect(page).toContain(
      '## Thing\n\nA thing.\n\n```ts\nbuild()\n```\n\n```ts\ninterface Thing {\n  /** Its size. */\n  readonly size: number\n}\n```',
    )
    expect(page).toContain('## build\n\n```ts\nfunction make(): Thing\n```')
    expect(page).toContain('Handed on from `far`: `Far`.')
  })
})
