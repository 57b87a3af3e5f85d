import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openInventoryLab } from './inventory-lab.ts'

eachDatabase((db) => {
  it('contingents are created once per group, read, replaced, given to another group and deleted', async () => {
    await using lab = await openInventoryLab(await db.options())
    const { key: usergroupkey } = await lab.kit.groups.add({ name: 'lab' })
    const fields = { usergroupkey, cpulimit: 8, memorylimit: '16GB', disclimit: '1', vmlimit: 0 }
    const created = await lab.ok('POST', '/resourcecontingents', fields)
    expect(created).toEqual({ key: created.key, ...fields, disclimit: '1GB' })
    const twice = await lab.call('POST', '/resourcecontingents', fields)
    expect([twice.status, twice.body.errors.length]).toEqual([409, 1])
    const at = `/resourcecontingents/${created.key}`
    expect(await lab.ok('GET', at)).toEqual(created)
    const { key: other } = await lab.kit.groups.add({ name: 'other' })
    const moved = { usergroupkey: other, cpulimit: 1, memorylimit: '0', disclimit: '1.5TB', vmlimit: 2 }
    const replaced = await lab.ok('PUT', at, moved)
    expect(replaced).toEqual({ key: created.key, ...moved, memorylimit: '0MB', disclimit: '1536GB' })
    expect(await lab.ok('GET', '/resourcecontingents')).toEqual([replaced])
    const wrong = await lab.call('PUT', at, { ...moved, memorylimit: '1500KB', disclimit: '1.3KB' })
    expect(wrong.body.errors).toEqual([expect.stringMatching(/^memorylimit: /), expect.stringMatching(/^disclimit: /)])
    expect((await lab.call('PUT', at, { ...moved, usergroupkey: 99 })).status).toBe(404)
    expect(await lab.ok('DELETE', at)).toEqual({ msg: 'resource contingent deleted' })
    expect((await lab.call('GET', at)).status).toBe(404)
  })

  it('a plan says what blocks and what is free, and books that are wrong are found', async () => {
    await using lab = await openInventoryLab(await db.options())
    const { key: usergroupkey } = await lab.kit.groups.add({ name: 'lab' })
    const plan = (more: object) => lab.ok('POST', '/resourcecontingents/plan', { usergroupkey, ...more })
    expect(await plan({ ram: '1TB' })).toEqual({ fits: true, blocking: [] })
    await lab.ok('POST', '/resourcecontingents', {
      usergroupkey,
      cpulimit: 2,
      memorylimit: '4GB',
      disclimit: '10GB',
      vmlimit: 1,
    })
    const free = { vm: 1, cpu: 2, ram: '4GB', disc: '10GB' }
    expect(await plan({ cpu: 2, ram: 4096, disc: '10' })).toEqual({ fits: true, blocking: [], free })
    const none = { used: 0, reserved: 0 }
    expect(await plan({ cpu: 3, disc: '10.5GB' })).toEqual({
      fits: false,
      blocking: [
        { dimension: 'cpu', limit: 2, ...none, asked: 3 },
        { dimension: 'disc', limit: '10GB', used: '0MB', reserved: '0MB', asked: '10752MB' },
      ],
      free,
    })
    expect(await lab.ok('GET', '/resourcecontingents/verify')).toEqual([])
    await lab.kit.database.queries.updateTable('contingents').set({ memoryUsed: 512, cpuReserved: 1 }).execute()
    expect(await lab.ok('GET', '/resourcecontingents/verify')).toEqual([
      { usergroupkey, dimension: 'ram', kind: 'used', recorded: '512MB', actual: '0MB' },
      { usergroupkey, dimension: 'cpu', kind: 'reserved', recorded: 1, actual: 0 },
    ])
  })
})
