import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openInventoryLab } from './inventory-lab.ts'
import { openRestLab } from './rest-lab.ts'

eachDatabase((db) => {
  it('credentials are created, read, replaced, tested and deleted, and the password never comes out', async () => {
    await using lab = await openRestLab(await db.options())
    const given = { name: 'east', username: 'root', password: 'hunter2', url: lab.simulator.url }
    const { body: created } = await lab.call('POST', '/clustercredentials', { ...given, insecure: 'true', http: 1 })
    const { password: _, ...known } = given
    expect(created).toEqual({ key: created.key, ...known, insecure: true, http: true })
    const path = `/clustercredentials/${created.key}`
    expect((await lab.call('GET', '/clustercredentials')).body).toEqual([created])
    const replaced = await lab.call('PUT', path, { ...given, name: 'west' })
    expect(replaced.body).toEqual({ ...created, name: 'west', insecure: false, http: false })
    expect((await lab.call('GET', path)).body).toEqual(replaced.body)
    expect((await lab.call('PUT', path, { name: 'west' })).body.errors).toEqual(
      ['username', 'password', 'url'].map((name) => `missing parameter: ${name}`),
    )

    const tested = await lab.call('POST', `${path}/test`, { type: 'simulated' })
    expect(tested.body).toEqual({ msg: expect.stringContaining('answers'), key: created.key })
    expect((await lab.call('POST', `${path}/test`, { type: 'abacus' })).body.errors[0]).toMatch(/^type: no driver/)
    lab.simulator.faults.add({ method: 'connect', kind: 'gone' })
    expect((await lab.call('POST', `${path}/test`, { type: 'simulated' })).status).toBe(502)
    expect((await lab.call('DELETE', path)).body).toEqual({ msg: 'cluster credentials deleted', key: created.key })
    expect((await lab.call('GET', path)).status).toBe(404)
  })

  it('defaults and clusters are created, read, replaced and deleted; what a cluster uses stays', async () => {
    await using lab = await openInventoryLab(await db.options())
    const place = { datacenter: 'dc-1', ressourcepool: 'pool-1', host: 'host-1', datastore: 'ds-1' }
    const defaults = await lab.ok('POST', '/clusterdefaults', place)
    expect(defaults).toEqual({ key: defaults.key, ...place })
    const emptied = await lab.ok('PUT', `/clusterdefaults/${defaults.key}`, { host: 'host-2' })
    expect(emptied).toEqual({ key: defaults.key, datacenter: '', ressourcepool: '', host: 'host-2', datastore: '' })
    expect(await lab.ok('GET', '/clusterdefaults')).toEqual([emptied])

    const hook = { callbackurl: 'https://hooks.example.com/a', errorcallbackurl: 'https://hooks.example.com/b' }
    const { key: callback } = await lab.ok('POST', '/callbacks', hook)
    const cluster = await lab.ok('GET', `/clusters/${lab.cluster}`)
    const { key: credentialskey } = (await lab.ok('GET', '/clustercredentials'))[0]
    const fields = { name: 'east', type: 'simulated', credentialskey }
    expect(cluster).toEqual({ key: lab.cluster, ...fields, defaultskey: 0, callbacks: [], options: {} })
    const more = { ...fields, name: 'west', defaultskey: defaults.key, callbacks: [callback] }
    const replaced = await lab.ok('PUT', `/clusters/${lab.cluster}`, more)
    expect(replaced).toEqual({ ...cluster, ...more })
    expect((await lab.call('DELETE', `/clusterdefaults/${defaults.key}`)).status).toBe(409)
    expect((await lab.call('DELETE', `/clustercredentials/${credentialskey}`)).status).toBe(409)
    expect(await lab.ok('PUT', `/clusters/${lab.cluster}`, fields)).toEqual(cluster)
    expect(await lab.ok('GET', '/clusters')).toEqual([cluster])
    expect(await lab.ok('DELETE', `/clusterdefaults/${defaults.key}`)).toEqual({
      msg: 'cluster defaults deleted',
      key: defaults.key,
    })

    expect((await lab.call('DELETE', `/clusters/${lab.cluster}`)).status).toBe(409)
    await lab.ok('DELETE', `/networks/${lab.network}`)
    expect(await lab.ok('DELETE', `/clusters/${lab.cluster}`)).toEqual({ msg: 'cluster deleted', key: lab.cluster })
  })

  it('a cluster tells what it has and can do', async () => {
    await using lab = await openInventoryLab(await db.options())
    const at = `/clusters/${lab.cluster}`
    expect(await lab.ok('GET', `${at}/datastores`)).toEqual(
      ['ds-1', 'ds-2'].map((name) => ({ name, type: 'simulated', capacity: 2 * 1024 ** 4, freespace: 2 * 1024 ** 4 })),
    )
    const { facets, absent, supports } = await lab.ok('GET', `${at}/capabilities`)
    expect(facets).toContain('snapshots')
    expect(absent.filter((facet: string) => facets.includes(facet))).toEqual([])
    expect(supports.snapshots).toMatchObject({ memory: true })
    expect(await lab.ok('GET', `${at}/check`)).toMatchObject({ product: expect.any(String), missing: [] })

    expect(await lab.ok('POST', `${at}/synchronize`)).toEqual({ msg: expect.any(String), key: lab.cluster })
    const { defaultskey } = await lab.ok('GET', at)
    expect(await lab.ok('GET', `/clusterdefaults/${defaultskey}`)).toMatchObject({ datacenter: 'dc-1' })

    const { networkstatus } = await lab.ok('POST', `${at}/networksync`)
    const [lan, dmz] = networkstatus
    expect(networkstatus).toHaveLength(2)
    expect(lan).toEqual({ key: lab.network, name: 'lan', status: 'present' })
    expect(dmz).toEqual({ key: expect.any(Number), name: 'dmz', status: 'created' })
    expect(await lab.ok('GET', `/networks/${dmz.key}`)).toMatchObject({ name: 'dmz', dhcp: true, cidr: '' })

    lab.simulator.faults.add({ method: 'connect', kind: 'refused' })
    expect((await lab.call('GET', `${at}/check`)).status).toBe(502)
  })

  it('machines of a cluster are listed and imported, each told of, and a refusal of all is an error', async () => {
    await using lab = await openInventoryLab(await db.options())
    const machine = {
      cpus: 2,
      memoryMiB: 1024,
      guestOs: 'debian12_64Guest',
      nics: [{ network: 'lan', mac: '02:00:00:00:00:01' }],
    }
    const { ref } = lab.simulator.world.addMachine({ ...machine, name: 'erp' })
    const at = `/clusters/${lab.cluster}/import`
    const listed = await lab.ok('GET', at)
    expect(listed).toEqual([
      {
        name: 'erp',
        cpu: 2,
        ram: '1GB',
        disc: expect.stringMatching(/^\d+GB$/),
        datastore: 'ds-1',
        guestid: 'debian12_64Guest',
        networks: ['lan'],
        uuid: ref,
      },
    ])
    const { key: owner } = await lab.kit.groups.add({ name: 'lab' })
    const results = await lab.ok('POST', at, { owner, vmnames: ['erp', 'nobody'] })
    expect(results).toEqual([
      { name: 'erp', key: expect.any(Number) },
      { name: 'nobody', key: 0, error: expect.stringContaining('nobody') },
    ])
    expect(await lab.kit.machines.get(results[0].key)).toMatchObject({ name: 'erp', owner, state: 'deployed' })
    expect(await lab.ok('GET', at)).toEqual([])

    const one = await lab.call('POST', at, { owner, vmnames: ['nobody'] })
    expect([one.status, one.body.errors]).toEqual([404, [expect.stringContaining('nobody')]])
    const two = await lab.call('POST', at, { owner, vmnames: ['nobody', 'nothing'] })
    expect([two.status, two.body.errors.length]).toEqual([404, 2])
  })

  it('boot images come to a cluster once, and are told of by the keys of their systems', async () => {
    await using lab = await openInventoryLab(await db.options())
    const images = await lab.ok('POST', `/clusters/${lab.cluster}/imagesync`)
    const systems = await lab.ok('GET', '/operatingsystems')
    // These come on their makers' own media.
    const started = systems.filter(({ name }: { name: string }) => !/^(?:FreeBSD|Windows)/.test(name))
    expect(systems.length).toBeGreaterThan(started.length)
    expect(images.map(({ oskey }: { oskey: number }) => oskey)).toEqual(started.map(({ key }: { key: number }) => key))
    expect(images[0]).toEqual({ name: expect.stringMatching(/\.iso$/), oskey: systems[0].key, status: 'uploaded' })
    const again = await lab.ok('POST', `/clusters/${lab.cluster}/imagesync`)
    expect(again).toEqual(images.map((image: object) => ({ ...image, status: 'present' })))
    expect((await lab.call('POST', '/clusters/99/imagesync')).status).toBe(404)
  })
})
