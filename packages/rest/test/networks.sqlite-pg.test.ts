import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openInventoryLab } from './inventory-lab.ts'

eachDatabase((db) => {
  it('networks are created, read, replaced and deleted as documented', async () => {
    await using lab = await openInventoryLab(await db.options())
    const required = { name: 'dmz', cluster: lab.cluster, dhcp: false, cidr: '10.30.0.0/24' }
    const optional = {
      ipreservation: '10.30.0.10-10.30.0.20',
      gateway: '10.30.0.1',
      dns: '10.30.0.2, 10.30.0.3',
      zonedomain: 'lab.example.org',
      nointernet: 'true',
      excluded: ['10.30.0.10-10.30.0.12'],
      quarantine: 60_000_000_000,
    }
    const created = await lab.ok('POST', '/networks', { ...required, ...optional })
    const { ipreservation: ipreservationcidr, ...others } = optional
    const written = { ...required, ...others, ipreservationcidr, dns: '10.30.0.2,10.30.0.3', nointernet: true }
    expect(created).toEqual({ key: created.key, ...written })
    const at = `/networks/${created.key}`
    expect(await lab.ok('GET', at)).toEqual(created)
    expect((await lab.ok('GET', '/networks')).map(({ key }: { key: number }) => key)).toEqual([lab.network, created.key])
    const bare = {
      ipreservationcidr: '',
      gateway: '',
      dns: '',
      zonedomain: '',
      nointernet: false,
      excluded: [],
      quarantine: 0,
    }
    expect(await lab.ok('PUT', at, required)).toEqual({ key: created.key, ...required, ...bare })

    const refused = await lab.call('PUT', at, { ...required, cidr: '10.30.0.0/33', gateway: 'gate', ipreservation: 'all' })
    expect(refused.status).toBe(400)
    expect(refused.body.errors).toEqual(
      ['cidr', 'ipreservation', 'gateway'].map((name) => expect.stringMatching(new RegExp(`^${name}: `))),
    )
    expect((await lab.call('POST', '/networks', required)).status).toBe(409)
    expect(await lab.ok('DELETE', at)).toEqual({ msg: 'network deleted', key: created.key })
    expect((await lab.call('GET', at)).status).toBe(404)
  })

  it('the next free address is predicted, and those in use are listed', async () => {
    await using lab = await openInventoryLab(await db.options())
    const at = `/networks/${lab.network}`
    expect(await lab.ok('GET', `${at}/getfreeip`)).toEqual({ ip: '10.20.0.1' })
    expect(await lab.ok('GET', `${at}/addresses`)).toEqual([])
    const { addresses, database } = lab.kit
    await addresses.allocate(database.queries, { networkKey: lab.network, owner: 'mine' })
    const holdUntil = Date.now() + 60_000
    await addresses.allocate(database.queries, { networkKey: lab.network, owner: 'soon', holdUntil })
    expect(await lab.ok('GET', `${at}/getfreeip`)).toEqual({ ip: '10.20.0.3' })
    expect(await lab.ok('GET', `${at}/addresses`)).toEqual([
      { ip: '10.20.0.1', owner: 'mine', state: 'used' },
      { ip: '10.20.0.2', owner: 'soon', state: 'held', expires: holdUntil * 1e6 },
    ])
    const shrunk = { name: 'lan', cluster: lab.cluster, dhcp: false, cidr: '10.20.0.0/24', ipreservation: '10.20.0.128/25' }
    const refused = await lab.call('PUT', at, { ...shrunk, cidr: '10.20.0.128/25' })
    expect([refused.status, refused.body.errors[0]]).toEqual([409, expect.stringContaining('10.20.0.1')])
    const dhcp = await lab.ok('POST', '/networks', { name: 'dmz', cluster: lab.cluster, dhcp: 1 })
    expect((await lab.call('GET', `/networks/${dhcp.key}/getfreeip`)).status).toBe(422)
  })
})
