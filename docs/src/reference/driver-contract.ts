import type { DriverCase } from '@virtkit/spi/conformance'
import { code, renderTable } from '../table.ts'

/** The page about what a driver promises: every conformance case. Pure. */
export function renderDriverContract(cases: readonly DriverCase[]): string {
  const groups = [...Map.groupBy(cases, groupOf)]
  return `# Driver contract

A driver is held against ${cases.length} cases. Each is a promise of a method, in the words of [the interfaces](api/spi.md), and a program that
shows whether it holds. A case that needs what a driver does not claim is skipped, with that reason; so is one that needs a way past the
driver (a *hook* of the target) which the target does not have. \`describeDriver\` runs them in a test runner, \`checkDriver\` and
\`virtkit driver check\` without one. [Writing a driver](../guides/drivers.md) says how; the [support matrix](support-matrix.md) says how ours do.

${groups.map(([name, members]) => renderGroup(name, members)).join('\n\n')}
`
}

export const groupOf = ({ id }: { readonly id: string }): string => id.split('.')[0]!

function renderGroup(name: string, cases: readonly DriverCase[]): string {
  const rows = cases.map((each) => [code(each.id), each.name, each.promise, each.needs.map(code).join(', ')])
  return `## ${name}\n\n${renderTable(['Case', 'A driver is right when', 'Promise', 'Needs'], rows)}`
}
