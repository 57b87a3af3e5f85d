import type { Virtkit } from '@virtkit/core'
import { type Scenario, endOf, machineOf } from './scenario.ts'

async function remove(kit: Virtkit): Promise<void> {
  const [machine] = await kit.machines.list()
  // Asked again, it is gone already.
  if (machine) await endOf(kit, await kit.machines.remove(machine.key, { key: 'remove' }))
}

async function resize(kit: Virtkit): Promise<void> {
  const machine = await machineOf(kit)
  const { cpus } = await kit.machines.get(machine)
  // Asked again, it has it already.
  if (cpus !== 6) await kit.machines.update(machine, { cpus: 6, memoryMiB: 6144, diskMiB: 40_960 }, { key: 'resize' })
}

const power =
  (to: 'on' | 'off' | 'shutdown') =>
  async (kit: Virtkit): Promise<void> =>
    endOf(kit, await kit.machines.power(await machineOf(kit), to, { key: 'power' }))

/** Machines that are changed and go. */
export const machineScenarios: readonly Scenario[] = [
  { name: 'delete', world: 'deployed', ask: remove },
  { name: 'delete of a machine on paper', world: 'planned', ask: remove },
  {
    name: 'delete, and the hypervisor refuses at first',
    world: 'deployed',
    faults: [{ method: 'machines.destroy', kind: 'refused', times: 1 }],
    ask: remove,
  },
  { name: 'resize', world: 'grown', ask: resize },
  {
    name: 'resize, and the hypervisor refuses',
    world: 'grown',
    faults: [{ method: 'machines.reconfigure', kind: 'refused' }],
    ask: resize,
    refusal: 'HYPERVISOR_REFUSED',
  },
  { name: 'power on', world: 'grown', ask: power('on') },
  { name: 'power off', world: 'deployed', ask: power('off') },
  { name: 'shutdown', world: 'deployed', ask: power('shutdown') },
]
