import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import { openRestLab } from './rest-lab.ts'

eachDatabase((db) => {
  it('callbacks are created, read, replaced and deleted as documented', async () => {
    await using lab = await openRestLab(await db.options())
    const fields = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }
    const created = await lab.call('POST', '/callbacks', { ...fields, notes: 'ours' })
    expect(created.status).toBe(200)
    expect(created.body).toMatchObject({ ...fields, installcallbackurl: '', deletecallbackurl: '', notes: 'ours' })
    expect(created.body.secret).toMatch(/^whsec_/)
    const { key } = created.body
    const { secret: _, ...known } = created.body
    expect((await lab.call('GET', '/callbacks')).body).toEqual([known])
    const replaced = await lab.call('PUT', `/callbacks/${key}`, fields)
    expect(replaced.body).toEqual({ ...known, notes: '' })
    expect((await lab.call('DELETE', `/callbacks/${key}`)).body).toEqual({ msg: 'callback deleted', key })
    expect((await lab.call('GET', `/callbacks/${key}`)).status).toBe(404)
  })

  it('dead letters are listed with the reason, and told again one by one or all together; secrets rotate', async () => {
    await using lab = await openRestLab(await db.options())
    const fields = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }
    const { key } = (await lab.call('POST', '/callbacks', fields)).body
    const { queries } = lab.kit.database
    const body = JSON.stringify({ type: 'install.succeeded', data: {} })
    const problem = 'The receiver answered 410.'
    const dead = { state: 'dead' as const, attempts: 1, dueAt: 9_000_000_000_000, createdAt: 1000, endedAt: 2000, problem }
    for (const id of ['msg_1', 'msg_2', 'msg_3']) {
      const what = {
        id,
        callbackKey: key as number,
        subject: `machine/${id.slice(4)}`,
        url: 'https://old.example.com/',
        body,
      }
      await queries
        .insertInto('callbackDeliveries')
        .values({ ...what, ...dead, history: JSON.stringify([{ at: 2000, problem }]) })
        .execute()
    }
    const path = `/callbacks/${key}/deliveries`
    const listed = await lab.call('GET', `${path}?state=dead&limit=1`)
    expect(listed.body).toEqual([
      {
        key: 3,
        callbackkey: key,
        id: 'msg_3',
        kind: 'success',
        subject: 'machine/3',
        url: 'https://old.example.com/',
        state: 'dead',
        attempts: 1,
        history: [{ at: 2_000_000_000, problem }],
        problem,
        created: 1_000_000_000,
        ended: 2_000_000_000,
      },
    ])
    expect((await lab.call('GET', `${path}?before=3`)).body).toMatchObject([{ key: 2 }, { key: 1 }])
    const again = await lab.call('POST', `${path}/2/replay`)
    expect(again.body).toMatchObject({
      key: 2,
      state: 'due',
      attempts: 0,
      url: fields.callbackurl,
      due: expect.any(Number),
    })
    expect((await lab.call('POST', `${path}/2/replay`)).status).toBe(409)
    expect((await lab.call('POST', `${path}/99/replay`)).status).toBe(404)
    expect((await lab.call('POST', `/callbacks/${key}/replay`)).body).toMatchObject({ key, count: 2 })
    expect((await lab.call('GET', `${path}?state=dead`)).body).toEqual([])
    const rotated = (await lab.call('POST', `/callbacks/${key}/rotatesecret`, { grace: '2h' })).body
    expect(rotated).toEqual({ key, secret: expect.stringMatching(/^whsec_/), formeruntil: expect.any(Number) })
    const refused = await lab.call('POST', `/callbacks/${key}/rotatesecret`, { grace: '721h' })
    expect([refused.status, refused.body.errors]).toEqual([400, ['grace: must be at most 30 days']])
    const inside = await lab.call('PUT', `/callbacks/${key}`, { ...fields, callbackurl: 'http://169.254.169.254/latest' })
    expect([inside.status, inside.body.errors]).toEqual([
      400,
      [expect.stringMatching(/^callbackurl: must not lead into a private/)],
    ])
  })

  it('errors have the documented form, name every field, and tell nobody more than they may know', async () => {
    await using lab = await openRestLab(await db.options())
    const refused = await lab.call('POST', '/callbacks', { callbackurl: 'https://a.example.com', color: 'red' })
    expect(refused.body).toEqual({
      errors: ['missing parameter: errorcallbackurl', 'unknown parameter: color'],
      timestamp: expect.any(Number),
      statuscode: 400,
      instance: '/callbacks',
    })
    expect(refused.status).toBe(400)
    expect((await lab.as(undefined)('POST', '/callbacks', {})).status).toBe(401)
    expect((await lab.call('GET', '/callbacks/none')).status).toBe(404)
    expect(await lab.kit.callbacks.list()).toEqual([])
  })
})
