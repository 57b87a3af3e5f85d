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
