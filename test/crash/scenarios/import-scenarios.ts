import type { Virtkit } from '@virtkit/core'
import { type Scenario } from './scenario.ts'

async function cluster(kit: Virtkit): Promise<number> {
  return (await kit.clusters.list())[0]!.key
}

async function importErp(kit: Virtkit): Promise<void> {
  const owner = (await kit.groups.list())[0]!.key
  for (const each of await kit.machines.import(await cluster(kit), { names: ['erp'], owner })) {
    if (each.status === 'refused') throw each.error
  }
}

/** What the hypervisor has and we do not. */
export const importScenarios: readonly Scenario[] = [
  { name: 'import', world: 'foreign', ask: importErp },
  {
    name: 'import, and the hypervisor refuses the mark',
    world: 'foreign',
    faults: [{ method: 'machines.mark', kind: 'refused' }],
    ask: importErp,
    refusal: 'HYPERVISOR_REFUSED',
    leavesOnlyEvents: true,
  },
  {
    name: 'networksync',
    world: 'foreign',
    ask: async (kit) => void (await kit.clusters.syncNetworks(await cluster(kit))),
  },
  {
    name: 'imagesync',
    world: 'empty',
    ask: async (kit) => {
      const failed = (await kit.images.sync(await cluster(kit))).filter(({ status }) => status === 'failed')
      if (failed.length > 0) throw new Error(failed.map(({ os, reason }) => `${os}: ${reason}`).join('; '))
    },
    // Asked again, it looks again.
    leavesOnlyEvents: true,
  },
]
