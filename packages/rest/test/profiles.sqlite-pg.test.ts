import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openInventoryLab } from './inventory-lab.ts'

eachDatabase((db) => {
  it('profiles and operating systems have sizes and keys as documented, and profiles are changed as documented', async () => {
    await using lab = await openInventoryLab(await db.options())
    const { key: oskey } = lab.kit.catalog.find('debian-12')!
    const fields = { name: 'small', cpu: 2, oskey, clusterkey: lab.cluster, datastore: 'auto', networks: [lab.network] }
    const created = await lab.ok('POST', '/profiles', { ...fields, ram: '2048', disc: '0.5TiB' })
    expect(created).toEqual({ key: created.key, ...fields, ram: '2GB', disc: '512GB' })
    const at = `/profiles/${created.key}`
    expect(await lab.kit.profiles.get(created.key)).toMatchObject({ memoryMiB: 2048, diskMiB: 524_288, os: 'debian-12' })
    expect(await lab.ok('GET', at)).toEqual(created)
    expect(await lab.ok('GET', '/profiles')).toEqual([created])
    const replaced = await lab.ok('PUT', at, { ...fields, cpu: 4, ram: '1536MB', disc: '20' })
    expect(replaced).toEqual({ ...created, cpu: 4, ram: '1536MB', disc: '20GB' })

    const wrong = await lab.call('POST', '/profiles', { ...fields, name: 'x', oskey: 7, ram: '1500KB', disc: '0GB' })
    expect(wrong.body.errors).toEqual(
      ['oskey', 'ram', 'disc'].map((name) => expect.stringMatching(new RegExp(`^${name}: `))),
    )
    const tooSmall = await lab.call('POST', '/profiles', { ...fields, name: 'x', ram: '64MB', disc: '20GB' })
    expect([tooSmall.status, tooSmall.body.errors]).toEqual([400, [expect.stringMatching(/^ram: /)]])
    expect((await lab.call('POST', '/profiles', { ...fields, ram: '2GB', disc: '20GB' })).status).toBe(409)
    expect(await lab.ok('DELETE', at)).toEqual({ msg: 'profile deleted', key: created.key })
    expect((await lab.call('GET', at)).status).toBe(404)

    const systems = await lab.ok('GET', '/operatingsystems')
    expect(systems).toHaveLength(lab.kit.catalog.list().length)
    const debian = await lab.ok('GET', `/operatingsystems/${oskey}`)
    expect(debian).toEqual({
      key: oskey,
      id: 'debian-12',
      name: 'Debian GNU/Linux 12 (bookworm)',
      minimumcpu: 1,
      minimumram: '1GB',
      minimumdisc: '4GB',
      recommendedcpu: 2,
      recommendedram: '2GB',
      recommendeddisc: '20GB',
    })
    expect(systems).toContainEqual(debian)
    expect(systems.length).toBeGreaterThanOrEqual(25)
    const sizes = ['minimumram', 'minimumdisc', 'recommendedram', 'recommendeddisc']
    for (const system of systems) {
      expect(Object.keys(system).toSorted()).toEqual(Object.keys(debian).toSorted())
      for (const name of sizes) expect(system[name]).toMatch(/^[1-9]\d*(?:MB|GB)$/)
      expect(system.minimumcpu).toBeGreaterThanOrEqual(1)
      expect(await lab.ok('GET', `/operatingsystems/${system.key}`)).toEqual(system)
    }
    const names = systems.map(({ name }: { name: string }) => name)
    for (const name of ['Ubuntu Server 26.04', 'Oracle Linux 9', 'openSUSE', 'Alpine', 'FreeBSD', 'Windows Server 2025'])
      expect(names.some((each: string) => each.startsWith(name))).toBe(true)
    expect((await lab.call('GET', '/operatingsystems/7')).status).toBe(404)
    expect((await lab.as(undefined)('GET', '/operatingsystems')).status).toBe(401)
  })

  it('a virtual machine comes from a profile, charged to its owner, with an address in each network', async () => {
    await using lab = await openInventoryLab(await db.options())
    const { key: oskey } = lab.kit.catalog.find('debian-12')!
    const sizes = { cpu: 2, ram: '2GB', disc: '20GB' }
    const place = { oskey, clusterkey: lab.cluster, datastore: 'ds-1', networks: [lab.network] }
    const { key } = await lab.ok('POST', '/profiles', { name: 'small', ...sizes, ...place })
    const { key: owner } = await lab.kit.groups.add({ name: 'team' })
    const at = `/profiles/${key}/createvirtualmachine`
    const made = await lab.ok('POST', at, { owner, name: 'erp', ram: '4096', thickprovisioning: true })
    expect(made).toEqual({ msg: 'virtual machine erp created', status: 'planned', key: made.key })
    expect(await lab.kit.machines.get(made.key)).toMatchObject({
      owner,
      os: 'debian-12',
      cpus: 2,
      memoryMiB: 4096,
      diskMiB: 20_480,
      datastore: 'ds-1',
      provisioning: 'thick',
      networks: [{ network: lab.network, ip: '10.20.0.1' }],
    })
    const plain = await lab.ok('POST', at, { owner, name: 'mail' })
    expect(await lab.kit.machines.get(plain.key)).toMatchObject({ memoryMiB: 2048, provisioning: 'thin' })

    await lab.ok('POST', '/resourcecontingents', {
      usergroupkey: owner,
      cpulimit: 4,
      memorylimit: '6GB',
      disclimit: '1TB',
      vmlimit: 9,
    })
    const refused = await lab.call('POST', at, { owner, name: 'web' })
    expect([refused.status, refused.body.errors[0]]).toEqual([409, expect.stringMatching(/cpu: .*memory: /)])
    expect((await lab.call('POST', '/profiles/99/createvirtualmachine', { owner, name: 'web' })).status).toBe(404)
  })
})
