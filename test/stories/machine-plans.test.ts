import type { Virtkit } from '@virtkit/core'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openLab } from './lab.ts'

/** Everything that is in the database, but what the kit itself keeps doing: how far events were read and chained, and who serves. */
async function everything({ database }: Virtkit): Promise<unknown> {
  const { queries } = database
  const tables = await queries.introspection.getTables()
  const ownDoing = new Set(['event_cursors', 'audit_links', 'boot_servers'])
  const names = tables.filter(({ name, isView }) => !isView && !ownDoing.has(name)).map(({ name }) => name)
  const rows = await Promise.all(
    names.map((name) =>
      queries
        .selectFrom(name as 'machines')
        .selectAll()
        .execute(),
    ),
  )
  const texts = rows.map((each) => each.map((row) => JSON.stringify({ ...row, position: undefined })).toSorted())
  return names.map((name, at) => [name, texts[at]!.filter((text) => !text.includes('"audit-head"'))])
}

eachDatabase((db) => {
  it('a plan tells the addresses that create then hands out, and writes nothing', async () => {
    await using lab = await openLab(await db.options())
    const { kit, cluster, group, network } = lab
    const dhcp = await kit.networks.add({ name: 'dmz', cluster, dhcp: true })
    await lab.machine('before')
    const size = { os: 'debian-12', cpus: 2, memoryMiB: 2048, diskMiB: 20_480 }
    const mac = '02:00:00:00:00:0A'
    const networks = [{ network, ip: '10.20.0.11' }, { network, mac }, { network: dhcp.key }, { network }]
    const wanted = { name: 'web', owner: group, cluster, ...size, networks }
    const before = await everything(kit)
    const plan = await kit.machines.plan(wanted)
    expect(await everything(kit)).toEqual(before)
    expect(plan).toMatchObject({
      isPossible: true,
      problems: [],
      networks: [
        { network, ip: '10.20.0.11' },
        { network, ip: '10.20.0.12', mac: mac.toLowerCase() },
        { network: dhcp.key },
        { network, ip: '10.20.0.13' },
      ],
      contingent: { fits: true, blocking: [], free: { vm: 2, cpu: 4, memory: 4096, disk: 40_960 } },
      license: { state: 'off', used: 1 },
      macRange: expect.anything(),
    })
    const made = await kit.machines.create(wanted)
    expect(made.networks.map(({ ip }) => ip)).toEqual(plan.networks.map(({ ip }) => ip))
  })

  it('a plan names every problem at once', async () => {
    await using lab = await openLab(await db.options())
    const { kit, cluster, group, network } = lab
    const mac = '02:00:00:00:00:0b'
    await lab.machine('web', { networks: [{ network, ip: '10.20.0.20', mac }] })
    const networks = [
      { network, ip: '10.20.0.20', mac },
      { network, ip: '10.99.0.1' },
      { network: 4711 },
      { network, ip: '10.20.0.30' },
      { network, ip: '10.20.0.30' },
    ]
    const size = { os: 'debian-12', cpus: 5, memoryMiB: 1, diskMiB: 61_440 }
    const before = await everything(kit)
    const plan = await kit.machines.plan({ name: 'web', owner: group, cluster, ...size, networks })
    expect(await everything(kit)).toEqual(before)
    expect(plan.isPossible).toBe(false)
    expect(plan.problems.map(({ code }) => code)).toEqual([
      'INVALID_INPUT',
      'CONTINGENT_EXCEEDED',
      'CONFLICT',
      'ADDRESS_TAKEN',
      'CONFLICT',
      'INVALID_INPUT',
      'NOT_FOUND',
      'ADDRESS_TAKEN',
    ])
    expect(plan.problems[1]?.details).toMatchObject({ blocking: [{ dimension: 'cpu' }, { dimension: 'disk' }] })
    expect(plan.contingent).toMatchObject({ fits: false, free: { vm: 2, cpu: 4, disk: 40_960 } })
    expect(plan.networks.map(({ ip }) => ip)).toEqual([undefined, undefined, undefined, '10.20.0.30', undefined])

    const unreadable = await kit.machines.plan({ name: '-', owner: group, cluster, ...size, cpus: 0 })
    expect(unreadable.problems).toMatchObject([{ code: 'INVALID_INPUT', details: { problems: [{}, {}] } }])
    const nowhere = await kit.machines.plan({
      name: 'a',
      owner: 4711,
      cluster: 4711,
      os: 'none',
      cpus: 1,
      memoryMiB: 1,
      diskMiB: 1,
    })
    expect(nowhere.problems.map(({ code }) => code)).toEqual(['INVALID_INPUT', 'NOT_FOUND', 'NOT_FOUND'])
  })
})
