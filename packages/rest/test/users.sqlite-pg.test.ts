import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openRestLab } from './rest-lab.ts'

const ada = { username: 'ada', password: 'battery staple' }

eachDatabase((db) => {
  it('users are created, given permissions, replaced and deleted as documented', async () => {
    await using lab = await openRestLab(await db.options())
    const { call } = lab
    const created = await call('POST', '/users', ada)
    expect(created).toMatchObject({ status: 200 })
    expect(created.body).toEqual({ key: 2, username: 'ada', permissions: [], permissionsgroups: [] })
    const allowed = await call('PUT', '/users/2/permissions', { permissiongroups: ['viewer'] })
    expect(allowed.body).toMatchObject({ key: 2, username: 'ada', permissionsgroups: ['viewer'] })
    expect(allowed.body.permissions).toContain('machines:read')
    expect((await call('GET', '/users/2')).body).toEqual(allowed.body)
    const all = await call('GET', '/users')
    expect(all.body).toMatchObject([{ username: 'admin', permissionsgroups: ['administrator'] }, allowed.body])
    expect(all.body[0].permissions).toContain('audit:read')
    const as = lab.as({ name: 'ada', password: ada.password })
    expect((await as('GET', '/users/current')).body).toEqual(allowed.body)
    expect((await as('GET', '/users')).status).toBe(403)
    const groups = await as('GET', '/permissiongroups')
    expect(groups.body.map((each: { name: string }) => each.name)).toEqual(['administrator', 'operator', 'user', 'viewer'])
    expect(groups.body.at(-1).permissions).toEqual(allowed.body.permissions)
    const renamed = await call('PUT', '/users/2', { username: 'lovelace', password: 'another staple' })
    expect(renamed.body).toEqual({ ...allowed.body, username: 'lovelace' })
    expect((await lab.as({ name: 'lovelace', password: 'another staple' })('GET', '/users/current')).status).toBe(200)
    expect((await call('DELETE', '/users/2')).body).toEqual({ msg: 'user deleted', key: 2 })
    expect((await call('GET', '/users/2')).status).toBe(404)
  })

  it('what is wrong with a user is named as it was written, and the password never repeated', async () => {
    await using lab = await openRestLab(await db.options())
    const refused = await lab.call('POST', '/users', { username: 'a\nb', password: 'hunter2' })
    expect(refused.body.errors).toEqual([
      'username: has control characters, which it may not',
      'password: is shorter than 8 characters',
    ])
    const twice = await lab.call('POST', '/users', { username: 'admin', password: 'battery staple' })
    expect([twice.status, twice.body.errors]).toEqual([409, ['There is a user named "admin" already.']])
    const group = await lab.call('PUT', '/users/1/permissions', { permissiongroups: ['root'] })
    expect(group.body.errors[0]).toContain('permissiongroups[0]')
  })

  it('user groups are created, read, replaced and deleted as documented', async () => {
    await using lab = await openRestLab(await db.options())
    const { call } = lab
    await call('POST', '/users', ada)
    await call('PUT', '/users/2/permissions', { permissiongroups: ['viewer'] })
    const created = await call('POST', '/usergroups', { groupname: 'team', users: [1, 2] })
    expect(created.body).toEqual({ key: 1, groupname: 'team', users: [1, 2], networks: [], clusters: [] })
    await call('POST', '/usergroups', { groupname: 'others', users: [1] })
    const as = lab.as({ name: 'ada', password: ada.password })
    expect((await as('GET', '/usergroups')).body).toEqual([created.body])
    expect((await as('GET', '/usergroups/2')).status).toBe(404)
    const replaced = await call('PUT', '/usergroups/1', { groupname: 'crew', users: [1] })
    expect(replaced.body).toEqual({ ...created.body, groupname: 'crew', users: [1] })
    expect((await call('POST', '/usergroups', { groupname: 'x', users: [9] })).status).toBe(404)
    expect((await call('DELETE', '/usergroups/1')).body).toEqual({ msg: 'user group deleted', key: 1 })
    expect((await call('GET', '/usergroups')).body).toHaveLength(1)
  })
})
