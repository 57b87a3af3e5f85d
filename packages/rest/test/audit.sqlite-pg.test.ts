import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openRestLab } from './rest-lab.ts'

eachDatabase((db) => {
  it('whoever changes something, logs in, fails to, or is refused, is in the log, and no secret is', async () => {
    await using lab = await openRestLab(await db.options())
    const ada = { name: 'ada', password: 'battery staple' }
    const { key } = await lab.kit.users.add({ ...ada, permissionGroups: ['operator'] })
    const as = lab.as(ada)
    const hooks = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }
    const { body: callback } = await as('POST', '/callbacks', hooks, { 'x-request-id': 'request-0001' })
    await as('GET', '/users')
    await lab.kit.users.list({ actor: await lab.kit.users.actor(key) }).catch(() => {})
    await lab.as({ name: 'ada', password: 'hunter2hunter2' })('GET', '/callbacks')
    await lab.as(undefined)('POST', '/token', { client_id: 'ada', client_secret: ada.password })

    const { body } = await lab.call('GET', '/audit')
    const short = body.map((each: Record<string, string>) =>
      [each.actor, each.action, each.subject, each.outcome].join(' '),
    )
    expect(short).toEqual([
      'system user.created user/1 done',
      'system user.created user/2 done',
      'user/2 login.succeeded user/2 done',
      'user/2 callback.created callback/1 done',
      'user/2 access.refused user/2 refused',
      'user/2 access.refused user/2 refused',
      'nobody login.failed user/2 failed',
      'user/2 token.issued user/2 done',
      'user/1 login.succeeded user/1 done',
    ])
    expect(body[3]).toMatchObject({ username: 'ada', request: 'request-0001', time: expect.any(Number) })
    expect(body[4].data).toEqual({ permission: 'users:read' })
    expect(JSON.stringify(body)).not.toMatch(/hunter2|battery|vkt_|whsec_/)
    expect(JSON.stringify(body)).not.toContain(callback.secret)

    const ofAda = await lab.call('GET', '/audit?actor=user/2&limit=2')
    expect(ofAda.body.map((each: { action: string }) => each.action)).toEqual(['login.succeeded', 'callback.created'])
    const rest = await lab.call('GET', `/audit?subject=user/2&after=${body[4].position}`)
    expect(rest.body.map((each: { action: string }) => each.action)).toEqual([
      'access.refused',
      'login.failed',
      'token.issued',
    ])
    expect((await as('GET', '/audit')).status).toBe(403)
  })

  it('what operations do is told as done by who asked for it', async () => {
    await using lab = await openRestLab(await db.options())
    const { kit } = lab
    const { key } = await kit.users.add({ name: 'ada', password: 'battery staple', permissionGroups: ['user'] })
    const credentials = { url: lab.simulator.url }
    const cluster = await kit.clusters.add({ name: 'lab', type: 'simulated', credentials })
    const group = await kit.groups.add({ name: 'team', users: [key], clusters: [cluster.key] })
    const actor = await kit.users.actor(key)
    const machine = await kit.machines.create(
      { name: 'web', os: 'debian-12', cluster: cluster.key, owner: group.key, cpus: 1, memoryMiB: 2048, diskMiB: 20480 },
      { actor, request: 'request-7' },
    )
    const { id } = await kit.machines.remove(machine.key, { actor, request: 'request-8' })
    await kit.operations.wait(id)
    const entries = await kit.audit.list({ subject: `machine/${machine.key}` })
    expect(entries.length).toBeGreaterThan(3)
    for (const entry of entries) expect(entry).toMatchObject({ actor: `user/${key}`, actorName: 'ada' })
    expect(entries.at(-1)).toMatchObject({ request: 'request-8' })
    expect((await kit.audit.list({ actor: 'system' })).map((each) => each.action)).toContain('cluster.created')
  })

  it('the log is checked, against what was kept of it too', async () => {
    await using lab = await openRestLab(await db.options())
    const { body } = await lab.call('GET', '/audit/verify')
    expect(body).toEqual({
      intact: true,
      checked: 2,
      since: expect.any(Number),
      number: 2,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      faults: [],
    })
    const head = new URLSearchParams({ number: '2', hash: body.hash })
    expect((await lab.call('GET', `/audit/verify?${head}`)).body.intact).toBe(true)
    await lab.kit.database.queries.updateTable('events').set({ actor: 'user/9' }).where('position', '=', 1).execute()
    const after = await lab.call('GET', `/audit/verify?${head}`)
    expect(after.body).toMatchObject({ intact: false, faults: [{ kind: 'changed', position: 1 }] })
    expect((await lab.call('GET', '/audit/verify?number=2')).body.errors).toEqual(['missing parameter: hash'])
  })
})
