import { eachDatabase } from '@virtkit/test-databases'
import { createSimulatedHypervisor, fastPace, simulated, standInInitrd, standInKernel } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { expect, it } from 'vitest'
import { createVirtkit } from '../virtkit.ts'

const bootFiles = memoryBootFiles({ kernel: standInKernel('count', 8192), initrd: standInInitrd('count', 8192) })

eachDatabase((db) => {
  it('counts what there is, and what is under way', async () => {
    const simulator = createSimulatedHypervisor({ pace: fastPace })
    await using kit = await createVirtkit({
      database: await db.options(),
      encryption: { keys: [{ id: 'test', key: Buffer.alloc(32, 1).toString('base64') }] },
      drivers: [simulator.driver],
      installMedia: netboot({ listen: { host: '127.0.0.1', port: 0 }, bootFiles }),
      operations: { work: false },
    })
    expect(await kit.statistics.read()).toEqual({
      operations: [],
      machines: [],
      contingents: [],
      addresses: [],
      callbacks: { due: 0, dead: 0 },
    })
    const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
    const lan = await kit.networks.add({
      name: 'lan',
      cluster: cluster.key,
      cidr: '10.20.0.0/24',
      reservation: '10.20.0.10-10.20.0.19',
    })
    const dhcp = await kit.networks.add({ name: 'dhcp', cluster: cluster.key, dhcp: true })
    const team = await kit.groups.add({ name: 'team-a', networks: [lan.key], clusters: [cluster.key] })
    const limits = { vm: 10, cpu: 32, memory: 65536, disk: 1024 * 1024 }
    await kit.contingents.set(team.key, limits)
    const size = { owner: team.key, cluster: cluster.key, os: 'debian-12', cpus: 2, memoryMiB: 1024, diskMiB: 4096 }
    for (const name of ['web-1', 'web-2']) await kit.machines.create({ ...size, name, networks: [{ network: lan.key }] })
    const [web] = await kit.machines.list()
    await kit.machines.remove(web!.key)
    const lanAddresses = { network: lan.key, name: 'lan', used: 2, held: 0, quarantined: 0, free: 8 }
    expect(await kit.statistics.read()).toEqual({
      operations: [{ kind: 'delete-machine', state: 'pending', count: 1 }],
      machines: expect.arrayContaining([expect.objectContaining({ count: 1 })]),
      contingents: [
        {
          group: team.key,
          name: 'team-a',
          limits,
          used: { vm: 2, cpu: 4, memory: 2048, disk: 8192 },
          reserved: { vm: 0, cpu: 0, memory: 0, disk: 0 },
        },
      ],
      addresses: [lanAddresses, { network: dhcp.key, name: 'dhcp', used: 0, held: 0, quarantined: 0 }],
      callbacks: { due: 0, dead: 0 },
    })
    await simulator.close()
  })

  it('is for those who may read metrics', async () => {
    await using kit = await createVirtkit({
      database: await db.options(),
      encryption: { keys: [{ id: 'test', key: Buffer.alloc(32, 1).toString('base64') }] },
      drivers: [simulated],
    })
    const actor = { kind: 'user', user: 1, name: 'eve', permissions: new Set(['machines:read']), groups: [] } as const
    await expect(kit.statistics.read({ actor })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'metrics:read' },
    })
  })
})
