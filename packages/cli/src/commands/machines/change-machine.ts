import { invalidInput } from '@virtkit/spi'
import { readToChange } from '../../connection/change.ts'
import { type Machine, findGroup, findMachine, findSystem } from '../../connection/find.ts'
import type { Session } from '../../connection/session.ts'
import { type MaybeGoesOn, atOnce, settle } from '../../connection/settle.ts'
import { printDone } from '../../output/print.ts'

export interface ChangeMachineFlags {
  readonly name?: string
  readonly owner?: string
  readonly os?: string
  readonly cpus?: number
  readonly memory?: string
  readonly disk?: string
  readonly datastore?: string
}

const flagNames = ['name', 'owner', 'os', 'cpus', 'memory', 'disk', 'datastore'] as const

/** What is not named stays as it is; somebody else's change in between is refused, not undone. */
export async function changeMachine(session: Session, given: string, flags: ChangeMachineFlags): Promise<void> {
  const { client, output } = session
  if (flagNames.every((name) => flags[name] === undefined)) {
    const hint = flagNames.map((name) => `--${name}`).join(', ')
    throw invalidInput([{ field: 'change', problem: 'names nothing to change', hint }])
  }
  const { key } = await findMachine(client, given)
  const { owner, os } = flags
  const [group, system] = [
    owner === undefined ? undefined : await findGroup(client, owner),
    os === undefined ? undefined : await findSystem(client, os),
  ]
  const [before, unchanged] = await readToChange((options) => client.virtualMachines.get({ key }, options))
  const answer: Machine & MaybeGoesOn = await client.virtualMachines.update(
    {
      key,
      name: flags.name ?? before.name,
      owner: group?.key ?? before.owner,
      cpu: flags.cpus ?? before.cpu,
      ram: flags.memory ?? before.ram,
      disc: flags.disk ?? before.disc,
      oskey: system?.key ?? before.oskey,
      clusterkey: before.clusterkey,
      datastore: flags.datastore ?? before.datastore,
    },
    { ...atOnce, ...unchanged },
  )
  if (!(await settle(session, answer, before.name))) return
  const machine = await client.virtualMachines.get({ key })
  const { name, cpu, ram, disc } = machine
  printDone(output, machine, { text: `Machine ${name} has ${cpu} cpus, ${ram} memory and ${disc} disk.`, key })
}
