import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openMachineLab } from './machine-lab.ts'

eachDatabase((db) => {
  it('snapshots are taken, read, changed, restored and deleted as documented', async () => {
    await using lab = await openMachineLab(await db.options())
    const vmkey = await lab.deploy('web')
    const call = lab.as(lab.ann)
    const base = `/virtualmachines/${vmkey}/snapshots`
    await call('POST', `/virtualmachines/${vmkey}/poweroff`)
    const first = await call('POST', base, { name: 'before/after', description: 'by hand' })
    expect([first.status, first.body]).toEqual([
      200,
      {
        vmkey,
        name: 'before/after',
        key: 1,
        id: expect.any(String),
        description: 'by hand',
        creationdate: expect.any(Number),
        path: '/before%2fafter',
        iscurrent: true,
        includememory: false,
      },
    ])
    const second = await call('POST', base, { name: 'later' })
    expect(second.body).toMatchObject({ key: 2, path: '/before%2fafter/later', iscurrent: true })
    const known = { ...first.body, iscurrent: false }
    expect((await call('GET', base)).body).toEqual([known, second.body])
    expect((await call('GET', `${base}/1`)).body).toEqual(known)
    const done = { statuscode: 200, operation: expect.any(String) }
    const changed = await call('PUT', `${base}/1`, { name: 'first' })
    expect(changed.body).toEqual({ msg: 'snapshot changed', ...done })
    expect((await call('GET', `${base}/1`)).body).toMatchObject({ name: 'first', description: 'by hand', path: '/first' })
    expect((await call('POST', `${base}/1/restore`)).body).toEqual({ msg: 'snapshot restored', ...done })
    expect((await call('GET', `${base}/1`)).body.iscurrent).toBe(true)
    const updated = await call('POST', `${base}/updatehardware`, { keys: [1, 2] })
    expect(updated.body).toEqual({ msg: 'hardware of snapshots updated', ...done })
    expect((await call('DELETE', `${base}/1`)).body).toEqual({ msg: 'snapshot deleted', ...done })
    expect((await call('GET', base)).body).toMatchObject([{ key: 2, path: '/later' }])
    expect((await call('GET', `${base}/1`)).status).toBe(404)
    expect((await call('POST', `${base}/updatehardware`, { keys: [] })).status).toBe(400)
    expect((await call('PUT', `${base}/2`, {})).status).toBe(400)
  })

  it('one that takes long goes on, and others neither see nor touch it', async () => {
    await using lab = await openMachineLab(await db.options())
    const vmkey = await lab.deploy('web')
    const base = `/virtualmachines/${vmkey}/snapshots`
    const accepted = await lab.call('POST', base, { name: 'slow' }, { prefer: 'respond-async' })
    expect([accepted.status, accepted.body]).toEqual([
      202,
      { msg: 'snapshot is being taken', statuscode: 202, operation: expect.any(String) },
    ])
    await lab.kit.operations.wait(accepted.body.operation)
    expect((await lab.kit.snapshots.takenBy(accepted.body.operation)).name).toBe('slow')
    const bob = lab.as(lab.bob)
    for (const [method, path] of [
      ['GET', base],
      ['GET', `${base}/1`],
      ['DELETE', `${base}/1`],
      ['POST', `${base}/1/restore`],
    ] as const)
      expect((await bob(method, path)).status).toBe(404)
    expect((await bob('POST', base, { name: 'mine' })).status).toBe(404)
    expect((await lab.call('GET', base)).body).toHaveLength(1)
  })

  it('a stopped machine becomes a template, and machines are cloned from it', async () => {
    await using lab = await openMachineLab(await db.options())
    const { cluster, group, kit, network } = lab
    const vmkey = await lab.deploy('golden')
    const running = await lab.call('POST', `/virtualmachines/${vmkey}/template`)
    expect(running.status).toBe(409)
    const call = lab.as(lab.ann)
    await call('POST', `/virtualmachines/${vmkey}/poweroff`)
    const registered = await call('POST', `/virtualmachines/${vmkey}/template`)
    expect([registered.status, registered.body.msg]).toEqual([200, 'virtual machine is a template'])
    expect((await call('GET', `/clusters/${cluster}/templates`)).body).toEqual([
      { name: 'golden', clusterkey: cluster, vmkey, cpu: 2, ram: '2GB', disc: '20GB', firmware: 'bios' },
    ])
    const wish = { template: 'golden', name: 'clone', owner: group, ram: '3GB', networks: [network] }
    const cloned = await call('POST', `/clusters/${cluster}/templates/clone`, wish)
    expect([cloned.status, cloned.body]).toEqual([
      202,
      { msg: 'cloning accepted', key: expect.any(Number), statuscode: 202, operation: expect.any(String) },
    ])
    expect((await kit.operations.wait(cloned.body.operation)).error).toBeUndefined()
    expect((await call('GET', `/virtualmachines/${cloned.body.key}`)).body).toMatchObject({
      name: 'clone',
      ram: '3GB',
      deployed: true,
      networks: [network],
    })
    const small = await call('POST', `/clusters/${cluster}/templates/clone`, { ...wish, name: 'c2', disc: '1GB' })
    expect([small.status, small.body.errors[0]]).toEqual([400, expect.stringMatching(/^disc: /)])
    const bob = lab.as(lab.bob)
    expect((await bob('GET', `/clusters/${cluster}/templates`)).status).toBe(404)
    expect((await bob('POST', `/clusters/${cluster}/templates/clone`, wish)).status).toBe(404)
  })
})
