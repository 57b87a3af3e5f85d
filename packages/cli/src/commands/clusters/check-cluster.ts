import { findCluster } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printDetails, printTable } from '../../output/print.ts'

/** What the hypervisor can do, and what the credentials lack there. Exit 3 when something is missing. */
export async function checkCluster({ client, output }: Session, given: string): Promise<number> {
  const { key } = await findCluster(client, given)
  const { missing } = await client.clusters.check({ key })
  const capabilities = await client.clusters.capabilities({ key })
  const exitCode = missing.length === 0 ? exitCodes.ok : exitCodes.drift
  if (output.isJson) {
    output.json({ ...capabilities, missing })
    return exitCode
  }
  if (!output.isQuiet) {
    const { product, version, facets, absent, supports } = capabilities
    printDetails(output, [
      ['product', `${product} ${version}`],
      ['can', facets.map((facet) => withDegrees(facet, supports[facet])).join(', ')],
      ['cannot', absent.join(', ')],
      ['privileges', missing.length === 0 ? 'none is missing' : ''],
    ])
    if (missing.length > 0) output.line()
  }
  if (missing.length > 0) {
    const columns = (['privilege', 'path', 'operation'] as const).map((title) => ({
      title: title === 'operation' ? 'needed for' : title === 'privilege' ? 'missing privilege' : title,
      of: (each: (typeof missing)[number]) => each[title],
    }))
    printTable(output, columns, missing)
  }
  return exitCode
}

/** `snapshots (no memory)`: what of it is not there. */
function withDegrees(facet: string, degrees: Readonly<Record<string, boolean>> = {}): string {
  const lacking = Object.entries(degrees).filter(([, is]) => !is)
  return lacking.length === 0 ? facet : `${facet} (${lacking.map(([name]) => `no ${name}`).join(', ')})`
}
