import { VirtkitError } from '@virtkit/spi'
import type { MachineRow } from './machine-rows.ts'
import type { MachineUpdate } from './machines.ts'

const columns = {
  name: 'name',
  owner: 'ownerKey',
  os: 'os',
  cluster: 'clusterKey',
  datastore: 'datastore',
  cpus: 'cpus',
  memoryMiB: 'memoryMiB',
  diskMiB: 'diskMiB',
} as const satisfies Record<keyof MachineUpdate, keyof MachineRow>

/** Where a machine is and what is installed on it: to be decided before it is there. */
const places = ['os', 'cluster', 'datastore'] as const

/** What of an update is not so already: who repeats what a machine has changes nothing. */
export function onlyNews(row: MachineRow, update: MachineUpdate): MachineUpdate {
  const news = Object.entries(update).filter(([field, value]) => value !== row[columns[field as keyof MachineUpdate]])
  return Object.fromEntries(news)
}

/** The columns that an update changes. */
export function changedColumns(change: MachineUpdate): Partial<MachineRow> {
  return Object.fromEntries(Object.entries(change).map(([field, value]) => [columns[field as keyof MachineUpdate], value]))
}

/** Throws `CONFLICT` for a machine that is no longer on paper alone, and for a move to another cluster with network cards. */
export function refuseMove(row: MachineRow, change: MachineUpdate, cards: number): void {
  const field = places.find((place) => change[place] !== undefined)
  if (field === undefined) return
  if (row.ref !== null || (row.state !== 'planned' && row.state !== 'failed')) {
    throw new VirtkitError('CONFLICT', `The ${field} of ${row.name} can only be changed before it is installed.`, {
      details: { field, with: row.state },
      hint: 'Remove the machine and make it anew.',
    })
  }
  if (change.cluster !== undefined && cards > 0) {
    throw new VirtkitError('CONFLICT', `${row.name} has network cards on its cluster.`, {
      details: { field: 'cluster', with: String(row.clusterKey) },
      hint: 'Remove its network cards first.',
    })
  }
}
