import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openInventoryLab } from './inventory-lab.ts'

eachDatabase((db) => {
  it('a user sees what their groups are given and nothing else, and changes none of it', async () => {
    await using lab = await openInventoryLab(await db.options())
    const uma = { name: 'uma', password: 'correct horse battery' }
    const { key: user } = await lab.kit.users.add({ ...uma, permissionGroups: ['user'] })
    const as = lab.as(uma)
    const { key: oskey } = lab.kit.catalog.find('debian-12')!
    const { key: credentialskey } = (await lab.ok('GET', '/clustercredentials'))[0]
    const west = await lab.ok('POST', '/clusters', { name: 'west', type: 'simulated', credentialskey })
    const sizes = { cpu: 1, ram: '2GB', disc: '20GB', oskey, datastore: 'auto' }
    const hidden = await lab.ok('POST', '/networks', { name: 'hidden', cluster: west.key, dhcp: true })
    const unseen = { name: 'unseen', ...sizes, clusterkey: west.key, networks: [hidden.key] }
    const { key: unseenProfile } = await lab.ok('POST', '/profiles', unseen)
    const seen = { name: 'seen', ...sizes, clusterkey: lab.cluster, networks: [lab.network] }
    const { key: seenProfile } = await lab.ok('POST', '/profiles', seen)
    const { key: mine } = await lab.kit.groups.add({
      name: 'mine',
      users: [user],
      clusters: [lab.cluster],
      networks: [lab.network],
    })
    const { key: theirs } = await lab.kit.groups.add({ name: 'theirs', clusters: [west.key], networks: [hidden.key] })
    const limits = { cpulimit: 1, memorylimit: '4GB', disclimit: '1TB', vmlimit: 1 }
    const { key: myLimits } = await lab.ok('POST', '/resourcecontingents', { usergroupkey: mine, ...limits })
    const { key: theirLimits } = await lab.ok('POST', '/resourcecontingents', { usergroupkey: theirs, ...limits })

    const rows = [
      ['/clusters', lab.cluster, west.key],
      ['/networks', lab.network, hidden.key],
      ['/profiles', seenProfile, unseenProfile],
      ['/resourcecontingents', myLimits, theirLimits],
    ] as const
    for (const [path, own, foreign] of rows) {
      const listed = await as('GET', path)
      expect([path, listed.body.map(({ key }: { key: number }) => key)]).toEqual([path, [own]])
      expect([path, (await as('GET', `${path}/${own}`)).status]).toEqual([path, 200])
      expect([path, (await as('GET', `${path}/${foreign}`)).status]).toEqual([path, 404])
      expect([path, (await as('DELETE', `${path}/${own}`)).status]).toEqual([path, 403])
    }
    const forbidden = ['/clustercredentials', '/clusterdefaults', `/clusters/${lab.cluster}/import`]
    for (const path of forbidden) expect([path, (await as('GET', path)).status]).toEqual([path, 403])
    for (const of of ['datastores', 'check', 'capabilities']) {
      expect([of, (await as('GET', `/clusters/${lab.cluster}/${of}`)).status]).toEqual([of, 200])
      expect([of, (await as('GET', `/clusters/${west.key}/${of}`)).status]).toEqual([of, 404])
    }
    expect((await as('GET', `/networks/${hidden.key}/addresses`)).status).toBe(404)

    const create = (profile: number, owner: number) =>
      as('POST', `/profiles/${profile}/createvirtualmachine`, { owner, name: 'erp' })
    expect((await create(unseenProfile, mine)).status).toBe(404)
    expect((await create(seenProfile, theirs)).status).toBe(404)
    expect((await create(seenProfile, mine)).status).toBe(200)
    const plan = (usergroupkey: number) => as('POST', '/resourcecontingents/plan', { usergroupkey })
    expect([(await plan(mine)).body.fits, (await plan(theirs)).status]).toEqual([false, 404])
  })
})
