import { expect, it } from 'vitest'
import type { MachineRow } from './machine-rows.ts'
import { changedColumns, onlyNews, refuseMove } from './update-rules.ts'

const row = {
  key: 7,
  name: 'web',
  ownerKey: 1,
  clusterKey: 2,
  os: 'debian-12',
  cpus: 2,
  memoryMiB: 2048,
  diskMiB: 20_480,
  datastore: 'auto',
  state: 'planned',
  ref: null,
} as MachineRow

it('who repeats what a machine has changes nothing', () => {
  const same = { name: 'web', owner: 1, cluster: 2, os: 'debian-12', cpus: 2, memoryMiB: 2048, diskMiB: 20_480 }
  expect(onlyNews(row, { ...same, datastore: 'auto' })).toEqual({})
  expect(onlyNews(row, { ...same, cpus: 3, owner: 5 })).toEqual({ cpus: 3, owner: 5 })
  expect(changedColumns({ cpus: 3, owner: 5 })).toEqual({ cpus: 3, ownerKey: 5 })
})

it('system, cluster and datastore are decided on paper, and the cluster before there are network cards', () => {
  for (const change of [{ os: 'debian-13' }, { cluster: 3 }, { datastore: 'fast' }]) {
    expect(() => refuseMove(row, change, 0)).not.toThrow()
    const [field] = Object.keys(change)
    for (const there of [{ state: 'deployed' }, { state: 'installing' }, { state: 'failed', ref: 'vm-1' }] as const)
      expect(() => refuseMove({ ...row, ...there }, change, 0)).toThrow(`The ${field} of web can only be changed before`)
  }
  expect(() => refuseMove(row, { cluster: 3 }, 1)).toThrow('web has network cards on its cluster.')
  expect(() => refuseMove(row, { os: 'debian-13' }, 1)).not.toThrow()
  expect(() => refuseMove({ ...row, state: 'deployed' }, { name: 'other' }, 1)).not.toThrow()
})
