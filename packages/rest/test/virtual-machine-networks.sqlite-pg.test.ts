import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openMachineLab } from './machine-lab.ts'

eachDatabase((db) => {
  it('network cards are added, read by their machine, replaced and removed as documented', async () => {
    await using lab = await openMachineLab(await db.options())
    const { network: netkey } = lab
    const call = lab.as(lab.ann)
    const vmkey = (await call('POST', '/virtualmachines', lab.machine('web'))).body.key
    const first = await call('POST', '/virtualmachinenetworks', { vmkey, netkey })
    expect([first.status, first.body]).toEqual([
      200,
      { key: 1, vmkey, netkey, ip: '10.20.0.10', mac: expect.stringMatching(/^[0-9a-f:]{17}$/), domains: [] },
    ])
    const asked = { ip: '10.20.0.33', mac: '02:00:00:00:00:0A', domains: ['lan.example.com', 'example.com'] }
    const second = await call('POST', '/virtualmachinenetworks', { vmkey, netkey, ...asked })
    expect(second.body).toMatchObject({ ...asked, mac: '02:00:00:00:00:0a' })
    expect((await call('GET', `/virtualmachinenetworks/${vmkey}`)).body).toEqual([first.body, second.body])
    expect((await call('GET', '/virtualmachinenetworks')).body).toEqual([first.body, second.body])
    expect((await call('GET', `/virtualmachines/${vmkey}`)).body.networks).toEqual([netkey, netkey])
    const replaced = await call('PUT', '/virtualmachinenetworks/1', { vmkey, netkey, ip: '10.20.0.20' })
    expect(replaced.body).toEqual({ ...first.body, ip: '10.20.0.20' })
    const taken = await call('POST', '/virtualmachinenetworks', { vmkey, netkey, ip: '10.20.0.20' })
    expect(taken.status).toBe(409)
    // Read by the machine's key, changed by its own: the tag of one says nothing of the other.
    const tag = (await call('GET', `/virtualmachinenetworks/${vmkey}`)).headers.get('etag')!
    const blind = await call('PUT', '/virtualmachinenetworks/1', { vmkey, netkey }, { 'if-match': tag })
    expect([blind.status, blind.body.errors]).toEqual([412, ['if-match: this path is not read, so it has no tag']])
    const mixedUp = await call('DELETE', '/virtualmachinenetworks/1', { vmkey: vmkey + 1 })
    expect([mixedUp.status, mixedUp.body.errors[0]]).toEqual([400, expect.stringMatching(/^vmkey: network card 1 is of/)])
    const removed = await call('DELETE', '/virtualmachinenetworks/1', { vmkey })
    expect(removed.body).toEqual({ msg: 'network card removed', key: 1, vmkey })
    expect((await call('POST', '/virtualmachinenetworks', { vmkey, netkey })).body.ip).toBe('10.20.0.10')
  })

  it('nobody sees or changes the cards of others, nor gets into a network that their groups were not given', async () => {
    await using lab = await openMachineLab(await db.options())
    const { cluster, network: netkey } = lab
    const dmz = await lab.kit.networks.add({ name: 'dmz', cluster, cidr: '10.30.0.0/24' })
    const vmkey = (await lab.call('POST', '/virtualmachines', lab.machine('web', { networks: [netkey] }))).body.key
    const [ann, bob] = [lab.as(lab.ann), lab.as(lab.bob)]
    expect((await ann('POST', '/virtualmachinenetworks', { vmkey, netkey: dmz.key })).status).toBe(404)
    expect((await ann('PUT', '/virtualmachinenetworks/1', { vmkey, netkey: dmz.key })).status).toBe(404)
    expect((await bob('POST', '/virtualmachinenetworks', { vmkey, netkey })).status).toBe(404)
    expect((await bob('PUT', '/virtualmachinenetworks/1', { vmkey, netkey })).status).toBe(404)
    expect((await bob('DELETE', '/virtualmachinenetworks/1', { vmkey })).status).toBe(404)
    expect((await bob('GET', `/virtualmachinenetworks/${vmkey}`)).status).toBe(404)
    expect((await bob('GET', '/virtualmachinenetworks')).body).toEqual([])
    expect((await lab.kit.machineNetworks.list()).map(({ network }) => network)).toEqual([netkey])
  })
})
