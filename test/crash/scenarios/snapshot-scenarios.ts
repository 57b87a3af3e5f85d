import type { Virtkit } from '@virtkit/core'
import { type Scenario, machineOf } from './scenario.ts'

const of =
  (work: (snapshots: Virtkit['snapshots'], machine: number) => Promise<unknown>) =>
  async (kit: Virtkit): Promise<void> => {
    await work(kit.snapshots, await machineOf(kit))
  }

const by = { key: 'snapshot' }
const revert = of((snapshots, machine) => snapshots.revert(machine, 1, by))

export const snapshotScenarios: readonly Scenario[] = [
  {
    name: 'snapshot',
    world: 'deployed',
    ask: of((snapshots, machine) => snapshots.create(machine, { name: 'kept', memory: true }, by)),
  },
  { name: 'snapshot revert', world: 'grown', ask: revert },
  {
    name: 'snapshot revert, and the contingent refuses the hardware',
    world: 'shrunk',
    ask: revert,
    refusal: 'CONTINGENT_EXCEEDED',
  },
  {
    name: 'snapshot remove',
    world: 'snapshots',
    ask: of((snapshots, machine) => snapshots.remove(machine, 2, {}, by)),
  },
  {
    name: 'snapshot remove with its children',
    world: 'snapshots',
    ask: of((snapshots, machine) => snapshots.remove(machine, 1, { children: true }, by)),
  },
  {
    name: 'snapshot rename',
    world: 'snapshots',
    ask: of((snapshots, machine) => snapshots.rename(machine, 2, { name: 'renamed' }, by)),
  },
  {
    name: 'snapshot hardware',
    world: 'grown',
    ask: of((snapshots, machine) => snapshots.updateHardware(machine, [1], by)),
  },
]
