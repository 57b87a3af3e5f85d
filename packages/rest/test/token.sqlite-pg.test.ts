import { eachDatabase } from '@virtkit/test-databases'
import { expect, it, vi } from 'vitest'
import { admin, basic, openRestLab } from './rest-lab.ts'

const credentials = { client_id: admin.name, client_secret: admin.password }
const reader = { name: 'reader', password: 'correct horse reader' }
const query = new URLSearchParams({ grant_type: 'client_credentials', ...credentials })
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

eachDatabase((db) => {
  it('a token is got in every documented way, stands for the user, and is ended', async () => {
    await using lab = await openRestLab(await db.options(), { kit: { tokens: { lifetimeMs: 90_500 } } })
    const call = lab.as(undefined)
    const json = { 'content-type': 'application/json' }
    const answers = [
      await call('GET', `/token?${query}`),
      await call('POST', '/token', { grant_type: 'client_credentials', ...credentials }),
      await call('POST', '/token', { grand_type: 'client_credentials', ...credentials }),
      await call('POST', '/token', credentials),
      await call('POST', '/token', { grant_type: 'client_credentials' }, { authorization: basic(admin) }),
      await call('POST', '/token', {}, { authorization: basic({ ...admin, password: 'correct+horse%20battery' }) }),
    ]
    const asJson = await lab.rest.fetch(
      new Request('http://lab/rest/v1/token', { method: 'POST', headers: json, body: JSON.stringify(credentials) }),
    )
    for (const { status, body } of [...answers, { status: asJson.status, body: await asJson.json() }]) {
      expect(status).toBe(200)
      expect(body).toEqual({
        access_token: expect.stringMatching(/^vkt_[0-9a-f]{72}$/),
        expires_in: 90,
        token_type: 'bearer',
      })
    }
    const [one, two] = answers.map(({ body }) => body.access_token as string)
    expect((await call('GET', '/users/current', undefined, bearer(one!))).body).toMatchObject({ username: 'admin' })
    const gone = { message: 'token destroyed' }
    expect((await call('POST', '/destroy', { access_token: one })).body).toEqual(gone)
    expect((await call('POST', '/destroy', { access_token: one })).body).toEqual(gone)
    expect((await call('POST', '/destroy', undefined, bearer(two!))).body).toEqual(gone)
    for (const token of [one!, two!]) {
      const refused = await call('GET', '/users/current', undefined, bearer(token))
      expect(refused.status).toBe(401)
      expect(refused.headers.get('www-authenticate')).toContain('invalid_token')
      expect(JSON.stringify(refused.body)).not.toContain(token)
    }
    expect((await call('POST', '/destroy', {})).body.errors).toEqual(['missing parameter: access_token'])
  })

  it('what another process has ended or changed holds for the next request, however often the token was seen', async () => {
    await using lab = await openRestLab(await db.options())
    const { key } = await lab.kit.users.add({ ...reader, permissionGroups: ['viewer'] })
    const token = (await lab.kit.tokens.login(reader.name, reader.password)).token.reveal()
    // As another process would: nothing in this one hears of it.
    const sql = lab.kit.database.queries
    const ask = (path: string) => lab.as(undefined)('GET', path, undefined, bearer(token))
    for (let time = 0; time < 3; time += 1) {
      expect((await ask('/users/current')).body).toMatchObject({ username: 'reader' })
      expect((await ask('/clusters/999')).status).toBe(404)
      expect((await ask('/audit')).status).toBe(403)
    }
    await sql.updateTable('users').set({ name: 'renamed' }).where('key', '=', key).execute()
    expect((await ask('/users/current')).body).toMatchObject({ username: 'renamed' })
    expect((await ask('/clusters')).status).toBe(200)
    await sql.deleteFrom('userPermissionGroups').where('userKey', '=', key).execute()
    expect((await ask('/clusters')).status).toBe(403)
    await sql.deleteFrom('accessTokens').where('userKey', '=', key).execute()
    for (const path of ['/users/current', '/clusters', '/clusters/999']) expect((await ask(path)).status).toBe(401)
  })

  it('what is wrong with a request for a token is said as everywhere, and never what was sent', async () => {
    await using lab = await openRestLab(await db.options())
    const call = lab.as(undefined)
    const logged = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error'), vi.spyOn(process.stdout, 'write')]
    const wrong = new URLSearchParams({ ...Object.fromEntries(query), client_secret: 'hunter2hunter2' })
    const answers = [
      await call('GET', `/token?${wrong}`),
      await call('GET', `/token?${wrong}&color=red`),
      await call('POST', '/token', { grant_type: 'password', ...credentials }),
      await call('POST', '/token', { client_id: 'admin' }),
      await call('POST', '/token', credentials, { authorization: basic(admin) }),
      await call('POST', '/token', { ...credentials, client_secret: 'hunter2hunter2' }),
    ]
    expect(answers.map(({ status, body }) => [status, body.errors])).toEqual([
      [401, ['Name or password is wrong.']],
      [400, ['unknown parameter: color']],
      [400, ['grant_type: must be client_credentials']],
      [400, ['missing parameter: client_secret']],
      [400, ['client_id: name and password came twice; send them by HTTP Basic or in the body']],
      [401, ['Name or password is wrong.']],
    ])
    expect(answers[0]!.body).toMatchObject({ statuscode: 401, instance: '/token', timestamp: expect.any(Number) })
    const said = JSON.stringify([answers.map(({ body }) => body), logged.map((spy) => spy.mock.calls)])
    expect(said).not.toMatch(/hunter2|correct horse/)
    for (const spy of logged) spy.mockRestore()
  })

  it('GET can be switched off', async () => {
    await using lab = await openRestLab(await db.options(), { rest: { tokenByQuery: false } })
    expect((await lab.as(undefined)('GET', `/token?${query}`)).status).toBeGreaterThanOrEqual(404)
    expect((await lab.as(undefined)('POST', '/token', credentials)).status).toBe(200)
  })

  it('who guesses has to wait, with a token as with HTTP Basic, and from an address whatever the name', async () => {
    await using lab = await openRestLab(await db.options())
    const guess = (name: string): Promise<Response> =>
      lab.rest.fetch(
        new Request('http://lab/rest/v1/users', { headers: { authorization: basic({ name, password: 'guess' }) } }),
        { address: '192.0.2.7' },
      )
    for (let failure = 0; failure < 5; failure += 1) expect((await guess('admin')).status).toBe(401)
    const refused = await lab.as(undefined)('POST', '/token', credentials)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.body.errors[0]).toContain('try again in')
    // Further failures from the address, about names that nobody has.
    await lab.kit.database.queries
      .updateTable('loginFailures')
      .set({ failures: 30 })
      .where('about', 'like', 'address%')
      .execute()
    expect((await guess('somebody else')).status).toBe(429)
  })
})
