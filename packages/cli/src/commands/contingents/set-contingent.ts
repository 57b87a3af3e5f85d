import { invalidInput } from '@virtkit/spi'
import { findGroup } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'

export interface SetContingentFlags {
  readonly machines?: number
  readonly cpus?: number
  readonly memory?: string
  readonly disk?: string
}

const flagNames = ['machines', 'cpus', 'memory', 'disk'] as const

/** A limit that is not named stays as it is; the first time all are named. */
export async function setContingent({ client, output }: Session, given: string, flags: SetContingentFlags): Promise<void> {
  const group = await findGroup(client, given)
  const [known] = await client.resourceContingents.list({ usergroupkey: group.key })
  const missing = flagNames.filter((name) => flags[name] === undefined)
  if (known ? missing.length === flagNames.length : missing.length > 0) {
    const text = known ? 'no limit is named' : 'is missing: the group has no limits yet, so all are named'
    throw invalidInput((known ? missing.slice(0, 1) : missing).map((name) => ({ field: `--${name}`, problem: text })))
  }
  const limits = {
    usergroupkey: group.key,
    vmlimit: flags.machines ?? known?.vmlimit ?? 0,
    cpulimit: flags.cpus ?? known?.cpulimit ?? 0,
    memorylimit: flags.memory ?? known?.memorylimit ?? 0,
    disclimit: flags.disk ?? known?.disclimit ?? 0,
  }
  const contingent = known
    ? await client.resourceContingents.update({ key: known.key, ...limits })
    : await client.resourceContingents.create(limits)
  const { vmlimit, cpulimit, memorylimit, disclimit } = contingent
  const text = `${group.groupname} may have ${vmlimit} machines, ${cpulimit} cpus, ${memorylimit} memory and ${disclimit} disk.`
  printDone(output, contingent, { text, key: contingent.key })
}
