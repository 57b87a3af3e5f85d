import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openRestLab } from './rest-lab.ts'

eachDatabase((db) => {
  it('says that it lives and that it can be used, and no longer when it is about to end or has lost its database', async () => {
    await using lab = await openRestLab(await db.options())
    const nobody = lab.as(undefined)
    expect(await nobody('GET', '/health')).toMatchObject({ status: 200, body: { status: 'alive' } })
    expect(await nobody('GET', '/ready')).toMatchObject({ status: 200, body: { status: 'ready' } })
    await lab.rest.close()
    expect(await nobody('GET', '/ready')).toMatchObject({
      status: 503,
      body: { errors: ['the service is about to end'], statuscode: 503, instance: '/ready' },
    })
    expect((await nobody('GET', '/health')).status).toBe(200)
  })

  it('is not ready without its database', async () => {
    await using lab = await openRestLab(await db.options())
    await lab.kit.close()
    const { status, body, headers } = await lab.as(undefined)('GET', '/ready')
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
    expect(body.errors).toEqual([expect.stringMatching(/^database: /)])
    expect((await lab.as(undefined)('GET', '/health')).status).toBe(200)
  })

  it('metrics are for those who may read them, or have the token, which opens nothing else', async () => {
    const metricsToken = 'a token for Prometheus'.replaceAll(' ', '-')
    const eula = { en: 'Be kind.', de: 'Sei freundlich.' }
    const options = { kit: { eula }, rest: { metricsToken, requireEula: true } }
    await using lab = await openRestLab(await db.options(), options)
    await lab.kit.users.add({ name: 'user', password: 'only looking', permissionGroups: ['user'] })
    const nobody = lab.as(undefined)
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    expect((await nobody('GET', '/metrics')).status).toBe(401)
    expect((await lab.as({ name: 'user', password: 'only looking' })('GET', '/metrics')).status).toBe(403)
    expect((await nobody('GET', '/metrics', undefined, bearer(`${metricsToken}x`))).status).toBe(401)
    expect((await nobody('GET', '/metrics', undefined, bearer(metricsToken))).status).toBe(200)
    expect((await nobody('GET', '/callbacks', undefined, bearer(metricsToken))).status).toBe(403)
  })

  it('metrics tell of the installation and of requests', async () => {
    await using lab = await openRestLab(await db.options())
    const { kit, simulator } = lab
    const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials: { url: simulator.url } })
    const cidr = '10.20.0.0/28'
    const lan = await kit.networks.add({ name: 'lan', cluster: cluster.key, cidr, gateway: '10.20.0.1' })
    const team = await kit.groups.add({ name: 'team "a"', networks: [lan.key], clusters: [cluster.key] })
    await kit.contingents.set(team.key, { vm: 10, cpu: 32, memory: 4096, disk: 8192 })
    const machine = await kit.machines.create({
      name: 'web-1',
      owner: team.key,
      cluster: cluster.key,
      os: 'debian-12',
      cpus: 2,
      memoryMiB: 1024,
      diskMiB: 4096,
      networks: [{ network: lan.key }],
    })
    await lab.call('GET', '/callbacks/7')
    const before = await read()
    const group = `group="${team.key}",name="team \\"a\\""`
    expect(before).toContain(`virtkit_contingent_limit{${group},dimension="memory"} 4294967296`)
    expect(before).toContain(`virtkit_contingent_used{${group},dimension="cpu"} 2`)
    expect(before).toContain(`virtkit_addresses{network="${lan.key}",name="lan",state="used"} 1`)
    expect(before).toContain(`virtkit_addresses{network="${lan.key}",name="lan",state="free"} 12`)
    expect(before).toContain('virtkit_callback_deliveries{state="due"} 0')
    expect(before).toContain('virtkit_http_requests_total{method="GET",route="/callbacks/:key",status="404"} 1')
    expect(before).toContain('virtkit_http_requests_under_way 1') // this one
    const ended = Promise.withResolvers<void>()
    kit.events.on('operation.succeeded', () => ended.resolve())
    await kit.operations.wait((await kit.machines.remove(machine.key)).id)
    await ended.promise
    const after = await read()
    expect(after).toContain('virtkit_operation_duration_seconds_count{kind="delete-machine",state="succeeded"} 1')
    expect(after).not.toContain('virtkit_machines{') // what is gone is not told any more
    expect(after).toContain('virtkit_http_requests_total{method="GET",route="/metrics",status="200"} 1')

    async function read(): Promise<string> {
      const { status, headers, body } = await lab.call('GET', '/metrics')
      expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
      return (body as Response).text()
    }
  })
})
