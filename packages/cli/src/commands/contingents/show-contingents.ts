import { findGroup } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { renderBar } from '../../output/bars.ts'
import type { Output } from '../../output/output.ts'
import { clean } from '../../output/print.ts'
import { type Usage, usageOf } from './usage.ts'

/** Bars of what groups have of their limits. With `--json`, the contingents with their `usage`. */
export async function showContingents({ client, output }: Session, given: readonly string[]): Promise<void> {
  const all = await client.resourceContingents.list()
  const groups = given.length === 0 ? await client.usergroups.list() : []
  for (const each of given) groups.push(await findGroup(client, each))
  if (given.length === 0 && all.length === 0) {
    if (!output.isJson && !output.isQuiet)
      output.line('No group has limits. Give it some: virtkit contingents set GROUP --machines 10')
    return
  }
  for (const { key, groupname } of groups) {
    const contingent = all.find(({ usergroupkey }) => usergroupkey === key)
    if (!contingent && given.length === 0) continue
    const usage = contingent ? await usageOf(client, contingent) : []
    if (output.isJson) output.json({ ...contingent, usergroupkey: key, usage })
    else if (output.isQuiet) output.line(String(key))
    else draw(output, groupname, usage)
  }
}

function draw(output: Output, group: string, usage: readonly Usage[]): void {
  output.line(output.paint('bold', clean(group)))
  if (usage.length === 0) output.line('  no limit')
  const texts = usage.map(({ used, limit }) => `${used} of ${limit}`)
  const width = Math.max(...texts.map((text) => text.length))
  for (const [index, { name, share, reserved }] of usage.entries()) {
    const style = share >= 1 ? 'red' : share >= 0.8 ? 'yellow' : 'green'
    const held = reserved === 0 || /^0\D/.test(String(reserved)) ? '' : `, ${reserved} reserved`
    const bar = output.paint(style, renderBar(share, Math.max(8, Math.min(30, output.columns - width - 32))))
    output.line(`  ${name.padEnd(8)}  ${bar}  ${texts[index]}${held}`)
  }
}
