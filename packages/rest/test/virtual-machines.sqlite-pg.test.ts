import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openMachineLab } from './machine-lab.ts'

const crypt = `$6$saltsalt$${'a'.repeat(85)}.`

eachDatabase((db) => {
  it('virtual machines are created, read, replaced and deleted as documented', async () => {
    await using lab = await openMachineLab(await db.options())
    const { cluster, group, network, oskey } = lab
    const created = await lab.call('POST', '/virtualmachines', lab.machine('web'))
    expect([created.status, created.body]).toEqual([
      200,
      {
        key: 1,
        owner: group,
        name: 'web',
        cpu: 2,
        ram: '2GB',
        disc: '20GB',
        datastore: 'auto',
        oskey,
        clusterkey: cluster,
        networks: [],
        deployed: false,
        scheduleddeletion: 0,
        installparameters: 0,
        status: 'planned',
        thickprovisioning: false,
        firmware: 'bios',
      },
    ])
    const more = { thickprovisioning: true, firmware: 'uefi', networks: [network, network], ram: 1536, disc: 10 }
    const second = await lab.call('POST', '/virtualmachines', lab.machine('db', more))
    expect(second.body).toMatchObject({ ram: '1536MB', disc: '10GB', networks: [network, network], firmware: 'uefi' })
    expect((await lab.call('GET', '/virtualmachines')).body).toEqual([created.body, second.body])
    expect((await lab.call('GET', '/virtualmachines/1')).body).toEqual(created.body)
    expect((await lab.call('GET', '/virtualmachines/1/info')).body).toEqual({ name: 'web', powerstate: 'off', ips: [] })
    const replaced = await lab.call('PUT', '/virtualmachines/1', lab.machine('www', { cpu: 1, datastore: 'fast' }))
    expect(replaced.body).toEqual({ ...created.body, name: 'www', cpu: 1, datastore: 'fast' })
    const missing = await lab.call('PUT', '/virtualmachines/1', { name: 'www' })
    expect(missing.body.errors).toContain('missing parameter: clusterkey')
    const gone = await lab.call('DELETE', '/virtualmachines/1')
    expect([gone.status, gone.body]).toEqual([
      200,
      { msg: 'virtual machine deleted', key: 1, statuscode: 200, operation: expect.any(String) },
    ])
    expect((await lab.call('GET', '/virtualmachines/1')).status).toBe(404)
  })

  it('until it is installed a machine may get another system and another cluster, where it has no network cards', async () => {
    await using lab = await openMachineLab(await db.options())
    const { kit, simulator, network } = lab
    const other = await kit.clusters.add({ name: 'lab-2', type: 'simulated', credentials: { url: simulator.url } })
    const oskey = kit.catalog.find('debian-13')!.key
    await lab.call('POST', '/virtualmachines', lab.machine('web'))
    const moved = await lab.call('PUT', '/virtualmachines/1', lab.machine('web', { oskey, clusterkey: other.key }))
    expect([moved.status, moved.body]).toEqual([200, expect.objectContaining({ oskey, clusterkey: other.key })])
    await lab.call('POST', '/virtualmachines', lab.machine('db', { networks: [network] }))
    const held = await lab.call('PUT', '/virtualmachines/2', lab.machine('db', { clusterkey: other.key }))
    expect([held.status, held.body.errors[0]]).toEqual([409, expect.stringContaining('db has network cards')])
    const nowhere = await lab.call('PUT', '/virtualmachines/2', lab.machine('db', { clusterkey: 99 }))
    expect(nowhere.status).toBe(409)
    const hidden = await lab.as(lab.ann)('PUT', '/virtualmachines/1', lab.machine('web', { oskey, clusterkey: 99 }))
    expect(hidden.status).toBe(404)
    const { version } = await kit.machines.get(2)
    await lab.call('PUT', '/virtualmachines/2', lab.machine('db'))
    expect((await kit.machines.get(2)).version).toBe(version)
  })

  it('what cannot be read is refused with every field in the words of the wire', async () => {
    await using lab = await openMachineLab(await db.options())
    const refused = await lab.call('POST', '/virtualmachines', lab.machine('web', { ram: '1.0001MB', oskey: 99_999 }))
    expect(refused.status).toBe(400)
    expect(refused.body.errors.map((each: string) => each.split(':')[0])).toEqual(['oskey', 'ram'])
    const tiny = await lab.call('POST', '/virtualmachines', lab.machine('-web', { ram: '2GB' }))
    expect(tiny.body.errors).toEqual([expect.stringMatching(/^name: must be 1 to 63 letters/)])
    const small = await lab.call('POST', '/virtualmachines', lab.machine('web', { ram: 64, disc: '1GB' }))
    expect(small.body.errors.map((each: string) => each.split(':')[0])).toEqual(['ram', 'disc'])
  })

  it('a plan names each problem and what blocks, and what would be handed out', async () => {
    await using lab = await openMachineLab(await db.options())
    const { network } = lab
    const call = lab.as(lab.ann)
    const good = await call('POST', '/virtualmachines/plan', lab.machine('web', { networks: [network] }))
    expect([good.status, good.body]).toEqual([
      200,
      {
        possible: true,
        problems: [],
        networks: [{ netkey: network, ip: '10.20.0.10' }],
        contingent: { fits: true, blocking: [], free: { vm: 3, cpu: 6, ram: '6GB', disc: '60GB' } },
        macrange: { from: expect.any(String), to: expect.any(String) },
      },
    ])
    const bad = await call('POST', '/virtualmachines/plan', lab.machine('web', { cpu: 7, ram: '6.5GB', networks: [9] }))
    expect(bad.body).toMatchObject({
      possible: false,
      contingent: {
        fits: false,
        blocking: [
          { dimension: 'cpu', limit: 6, used: 0, reserved: 0, asked: 7 },
          { dimension: 'ram', limit: '6GB', used: '0MB', reserved: '0MB', asked: '6656MB' },
        ],
      },
    })
    expect(bad.body.problems.map(({ code }: { code: string }) => code).toSorted()).toEqual([
      'CONTINGENT_EXCEEDED',
      'NOT_FOUND',
    ])
    expect(await lab.kit.machines.list()).toEqual([])
  })

  it('an installation is accepted, shows a random password once, and is told of until it is ready', async () => {
    await using lab = await openMachineLab(await db.options())
    const { kit, network } = lab
    await lab.call('POST', '/virtualmachines', lab.machine('web', { networks: [network] }))
    const started = await lab.call('POST', '/virtualmachines/1/install', { locale: 'de_DE.UTF-8', keyboard: 'de' })
    expect([started.status, started.body]).toEqual([
      202,
      {
        msg: 'installation accepted',
        statuscode: 202,
        operation: expect.any(String),
        install: expect.any(String),
        password: expect.stringMatching(/^.{12,}$/),
      },
    ])
    const { operation, install } = started.body
    expect(started.headers.get('location')).toBe(`/rest/v1/operations/${operation}`)
    expect(started.headers.get('operation-id')).toBe(operation)
    expect(started.headers.get('cache-control')).toBe('no-store')
    const ready = await kit.operations.wait(operation)
    expect(ready.error).toBeUndefined()
    const { body } = await lab.call('GET', '/virtualmachines/1')
    expect(body).toMatchObject({ deployed: true, status: 'deployed', placeddatastore: expect.any(String) })
    const parameter = await lab.call('GET', `/virtualmachines/parameter/${body.installparameters}`)
    expect(parameter.body).toMatchObject({
      locale: 'de_DE.UTF-8',
      keyboard: 'de',
      password: expect.stringMatching(/^\$6\$/),
    })
    expect((await lab.as(lab.bob)('GET', `/virtualmachines/parameter/${body.installparameters}`)).status).toBe(404)
    expect((await lab.call('GET', '/virtualmachines/1/installs')).body).toEqual([
      {
        id: install,
        vmkey: 1,
        operation,
        phase: 'ready',
        percent: 100,
        creationdate: expect.any(Number),
        enddate: expect.any(Number),
        phases: ['planned', 'published', 'booted', 'installing', 'finishing', 'ready'].map((phase) => ({
          phase,
          startdate: expect.any(Number),
          ...(phase !== 'ready' && { duration: expect.any(Number) }),
        })),
        trace: ready.trace,
      },
    ])
    expect((await lab.call('GET', '/virtualmachines/1/compare')).body).toEqual([])
    expect((await lab.call('POST', '/virtualmachines/1/install', {})).status).toBe(409)

    await lab.call('POST', '/virtualmachines', lab.machine('db', { networks: [network] }))
    const plain = await lab.call('POST', '/virtualmachines/2/install', { password: 'root' })
    expect(plain.body.errors).toEqual([expect.stringMatching(/^password: must be a SHA-512 crypt hash/)])
    const hashed = await lab.call('POST', '/virtualmachines/2/install', { password: crypt })
    expect(hashed.body).not.toHaveProperty('password')
    await kit.operations.wait(hashed.body.operation)
  })

  it('power is answered when it is done, or goes on as an operation when that takes longer', async () => {
    await using lab = await openMachineLab(await db.options())
    const { kit, simulator } = lab
    const key = await lab.deploy('web')
    const off = await lab.call('POST', `/virtualmachines/${key}/poweroff`)
    expect([off.status, off.body]).toEqual([
      200,
      { msg: 'virtual machine switched off', statuscode: 200, operation: expect.any(String) },
    ])
    expect((await lab.call('GET', `/virtualmachines/${key}/info`)).body.powerstate).toBe('off')
    const on = await lab.call('POST', `/virtualmachines/${key}/poweron`, undefined, { prefer: 'respond-async' })
    expect([on.status, on.body]).toEqual([202, { msg: 'accepted', statuscode: 202, operation: expect.any(String) }])
    expect(on.headers.get('preference-applied')).toBe('respond-async')
    expect((await kit.operations.wait(on.body.operation)).state).toBe('succeeded')
    expect((await lab.call('POST', `/virtualmachines/${key}/shutdown`)).status).toBe(200)

    simulator.faults.add({ method: 'power.on', kind: 'hang', times: 1 })
    const slow = await lab.call('POST', `/virtualmachines/${key}/poweron`, undefined, { prefer: 'wait=1' })
    expect(slow.status).toBe(202)
    const busy = await lab.call('POST', `/virtualmachines/${key}/poweroff`)
    expect([busy.status, busy.body.errors[0]]).toEqual([409, expect.stringContaining(slow.body.operation)])
    const cancelled = await lab.call('POST', `/operations/${slow.body.operation}/cancel`)
    expect(cancelled.body).toMatchObject({ id: slow.body.operation, kind: 'power-machine' })
    expect((await kit.operations.wait(slow.body.operation)).state).toBe('cancelled')
    simulator.faults.add({ method: 'power.on', kind: 'refused', times: 1 })
    const refused = await lab.call('POST', `/virtualmachines/${key}/poweron`)
    expect([refused.status, refused.body.statuscode]).toEqual([502, 502])
  })

  it('a deployed machine gets its new hardware, or is told why not, and a deletion that is refused goes on', async () => {
    await using lab = await openMachineLab(await db.options())
    const { simulator } = lab
    const key = await lab.deploy('web')
    await lab.call('POST', `/virtualmachines/${key}/poweroff`)
    const put = (more: object) => lab.call('PUT', `/virtualmachines/${key}`, lab.machine('web', { ...more }))
    expect((await put({})).status).toBe(200)
    const grown = await put({ cpu: 3 })
    expect([grown.status, grown.body.cpu, grown.headers.get('operation-id')]).toEqual([200, 3, expect.any(String)])
    const beyond = await put({ cpu: 9 })
    expect([beyond.status, beyond.body.errors[0]]).toEqual([409, expect.stringContaining('cpu')])
    const elsewhere = await put({ cpu: 3, datastore: 'fast' })
    expect([elsewhere.status, elsewhere.body.errors[0]]).toEqual([
      409,
      expect.stringContaining('datastore of web can only be changed before it is installed'),
    ])
    simulator.faults.add({ method: 'machines.destroy', kind: 'refused' })
    const accepted = await lab.call('DELETE', `/virtualmachines/${key}`, undefined, { prefer: 'wait=1' })
    expect([accepted.status, accepted.body]).toEqual([
      202,
      { msg: 'deletion accepted', key, statuscode: 202, operation: expect.any(String) },
    ])
    const { scheduleddeletion, status } = (await lab.call('GET', `/virtualmachines/${key}`)).body
    expect(status).toBe('deleting')
    expect(scheduleddeletion / 1e6 - Date.now()).toBeGreaterThan(6 * 86_400_000)
  })

  it('others see nothing of it, and cannot tell that it is there', async () => {
    await using lab = await openMachineLab(await db.options())
    await lab.call('POST', '/virtualmachines', lab.machine('web'))
    const bob = lab.as(lab.bob)
    expect((await bob('GET', '/virtualmachines')).body).toEqual([])
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/info'],
      ['GET', '/installs'],
      ['GET', '/compare'],
      ['POST', '/poweron'],
      ['POST', '/install'],
      ['POST', '/template'],
      ['DELETE', ''],
    ] as const) {
      const there = await bob(method, `/virtualmachines/1${path}`)
      const nowhere = await bob(method, `/virtualmachines/7${path}`)
      expect([method, path, there.status]).toEqual([method, path, 404])
      expect(there.body.errors[0].replace('1', '7')).toBe(nowhere.body.errors[0])
    }
    expect((await bob('PUT', '/virtualmachines/1', lab.machine('web'))).status).toBe(404)
    expect((await bob('POST', '/virtualmachines', lab.machine('mine'))).status).toBe(404)
  })
})
