import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const example = readFileSync('examples/worker-queue/src/main.ts', 'utf8')

/** The lines of the example between `// mark {` and `// }`. */
function cut(mark: string): string {
  const found = new RegExp(`^// ${mark} \\{\\n(.*?)^// \\}\\n`, 'ms').exec(example)
  if (!found) throw new Error(`the example has no mark ${mark}`)
  return found[1]!
}

it.each([
  ['packages/queue/README.md', 'worker'],
  ['docs/guides/queue.md', 'sender'],
])('what %s shows is out of the example that runs', (page, mark) => {
  expect(readFileSync(page, 'utf8')).toContain(`\`\`\`ts\n${cut(mark)}\`\`\``)
})

it('every link of the guide leads to a file', () => {
  for (const page of ['docs/guides/queue.md', 'docs/capacity.md', 'packages/queue/README.md']) {
    const folder = new URL(`../${page}`, import.meta.url)
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]!)
    expect(links.length).toBeGreaterThan(0)
    for (const link of links) expect(() => readFileSync(new URL(link, folder))).not.toThrow(/ENOENT/)
  }
})
