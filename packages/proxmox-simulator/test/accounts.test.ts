import { expect, it } from 'vitest'
import { startProxmoxSimulator } from '../src/index.ts'
import { client } from './client.ts'

const users = [{ userid: 'root@pam', tokens: [{ tokenid: 't1', secret: 's', privsep: false }] }]

it('roles, users, tokens and grants are made over the API, and hold at once', async () => {
  await using simulator = await startProxmoxSimulator({ tls: false, pace: 0, users })
  const { ask, run } = client(simulator, 'root@pam!t1=s')
  const fine = async (...request: Parameters<typeof ask>): Promise<unknown> => {
    const { status, reason, data } = await ask(...request)
    expect([status, reason]).toEqual([200, 'OK'])
    return data
  }
  await run('POST', '/nodes/pve1/qemu', { vmid: 100 })
  await fine('POST', '/access/roles', { roleid: 'Starter', privs: 'VM.Audit VM.PowerMgmt' })
  expect((await ask('POST', '/access/roles', { roleid: 'Odd', privs: 'VM.Nope' })).reason).toBe(
    "invalid privilege 'VM.Nope'",
  )
  await fine('POST', '/access/groups', { groupid: 'ops' })
  await fine('POST', '/access/users', { userid: 'ann@pve', password: 'long enough', groups: 'ops' })
  expect((await ask('POST', '/access/users', { userid: 'ann@pve' })).reason).toMatch(/already exists/)
  const made = await fine('POST', '/access/users/ann@pve/token/x1', { privsep: 0 })
  const { value, 'full-tokenid': id } = made as Record<string, string>
  const ann = client(simulator, `${id}=${value}`)
  const start = (): Promise<{ status: number }> => ann.ask('POST', '/nodes/pve1/qemu/100/status/start')
  expect((await start()).status).toBe(403)
  const grant = { path: '/vms', roles: 'Starter', groups: 'ops' }
  await fine('PUT', '/access/acl', grant)
  expect((await start()).status).toBe(200)
  expect((await ann.ask('GET', '/access/permissions', { path: '/vms/100' })).data).toEqual({
    '/vms/100': { 'VM.Audit': 1, 'VM.PowerMgmt': 1 },
  })
  // A role of his own goes before that of his group, and one deeper before one above.
  await fine('PUT', '/access/acl', { path: '/vms/100', roles: 'NoAccess', users: 'ann@pve' })
  expect((await start()).status).toBe(403)
  await fine('PUT', '/access/acl', { path: '/vms/100', roles: 'NoAccess', users: 'ann@pve', delete: 1 })
  expect((await start()).status).toBe(200)
  // Beside another role, NoAccess wins; and what stands deeper replaces what comes from above.
  await fine('PUT', '/access/acl', { path: '/vms/100', roles: 'Starter,NoAccess', users: 'ann@pve' })
  expect((await start()).status).toBe(403)
  await fine('PUT', '/access/acl', { path: '/vms/100', roles: 'Starter,NoAccess', users: 'ann@pve', delete: 1 })
  await fine('PUT', '/access/acl', { path: '/vms', roles: 'Starter', users: 'ann@pve' })
  await fine('PUT', '/access/acl', { path: '/vms/100', roles: 'PVEAuditor', users: 'ann@pve' })
  expect((await start()).status).toBe(403)
  expect((await ann.ask('GET', '/nodes/pve1/qemu/100/config')).status).toBe(200)
  await fine('PUT', '/access/acl', { path: '/vms/100', roles: 'PVEAuditor', users: 'ann@pve', delete: 1 })
  expect((await start()).status).toBe(200)
  await fine('PUT', '/access/acl', { path: '/vms', roles: 'Starter', users: 'ann@pve', delete: 1 })
  await fine('PUT', '/access/acl', { ...grant, delete: 1 })
  expect((await start()).status).toBe(403)
  await fine('PUT', '/access/users/ann@pve', { enable: 0 })
  expect((await ann.ask('GET', '/version')).status).toBe(401)
  expect((await ask('DELETE', '/access/roles/PVEAdmin')).reason).toMatch(/cannot be deleted/)
  await fine('DELETE', '/access/users/ann@pve')
  await fine('DELETE', '/access/roles/Starter')
})

it('who may use a pool may create in it, and what is in it', async () => {
  await using simulator = await startProxmoxSimulator({
    tls: false,
    pace: 0,
    users: [
      ...users,
      { userid: 'ann@pve', roles: { '/pool/lab': 'PVEVMAdmin' }, tokens: [{ tokenid: 'a', secret: 's', privsep: false }] },
    ],
  })
  const root = client(simulator, 'root@pam!t1=s')
  const ann = client(simulator, 'ann@pve!a=s')
  await root.ask('POST', '/pools', { poolid: 'lab', comment: 'x' })
  expect((await ann.ask('POST', '/nodes/pve1/qemu', { vmid: 100 })).status).toBe(403)
  expect(await ann.run('POST', '/nodes/pve1/qemu', { vmid: 100, pool: 'lab', cores: 2 })).toBe('OK')
  expect((await root.ask('GET', '/pools/lab')).data).toMatchObject({
    comment: 'x',
    members: [{ vmid: 100, id: 'qemu/100' }],
  })
  expect((await root.ask('DELETE', '/pools/lab')).reason).toMatch(/is not empty/)
  await root.ask('PUT', '/pools/lab', { vms: '100', delete: 1 })
  expect((await ann.ask('GET', '/nodes/pve1/qemu/100/config')).status).toBe(403)
  expect((await root.ask('DELETE', '/pools/lab')).status).toBe(200)
})

it('storages are added, closed to a node, and taken away', async () => {
  await using simulator = await startProxmoxSimulator({
    tls: false,
    pace: 0,
    users,
    nodes: [{ node: 'pve1' }, { node: 'pve2' }],
  })
  const { ask } = client(simulator, 'root@pam!t1=s')
  const names = async (node: string): Promise<unknown> =>
    ((await ask('GET', `/nodes/${node}/storage`)).data as { storage: string }[]).map(({ storage }) => storage)
  const add = { storage: 'more', type: 'dir', path: '/srv/more', content: 'images', nodes: 'pve2' }
  expect((await ask('POST', '/storage', add)).data).toEqual({ storage: 'more', type: 'dir' })
  expect((await ask('POST', '/storage', add)).reason).toMatch(/already defined/)
  expect([await names('pve1'), await names('pve2')]).toEqual([['local'], ['local', 'more']])
  const create = { vmid: 100, scsi0: 'more:1' }
  expect((await ask('POST', '/nodes/pve1/qemu', create)).reason).toBe("storage 'more' is not available on node 'pve1'")
  await ask('PUT', '/storage/more', { delete: 'nodes' })
  expect(await names('pve1')).toEqual(['local', 'more'])
  await ask('DELETE', '/storage/more')
  expect((await ask('POST', '/nodes/pve1/qemu', create)).reason).toBe("storage 'more' does not exist")
})
