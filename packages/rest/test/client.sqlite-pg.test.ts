import { ApiError, type Client, createClient } from '@virtkit/rest/client'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, expectTypeOf, it } from 'vitest'
import { admin, openRestLab } from './rest-lab.ts'

const urls = { callbackurl: 'https://hooks.example.com/ok', errorcallbackurl: 'https://hooks.example.com/failed' }

eachDatabase((db) => {
  it('the typed client does what its methods are called, and fails with what the server says', async () => {
    await using lab = await openRestLab(await db.options())
    const seen: Request[] = []
    const client = createClient({
      url: 'http://lab',
      user: admin.name,
      password: admin.password,
      fetch: (request) => {
        seen.push(request)
        return lab.rest.fetch(request)
      },
    })
    const made = await client.callbacks.create({ ...urls, notes: 'ours' }, { idempotencyKey: 'once' })
    expect(made).toMatchObject({ ...urls, notes: 'ours', secret: expect.stringMatching(/^whsec_/) })
    expect(seen[0]!.headers.get('idempotency-key')).toBe('once')
    const { secret: _, ...known } = made
    expect(await client.callbacks.list()).toEqual([known])
    expect(await client.callbacks.update({ key: made.key, ...urls })).toEqual({ ...known, notes: '' })
    let requestId: string | null = null
    const remove = client.callbacks.remove(
      { key: made.key },
      { onResponse: ({ headers }) => (requestId = headers.get('x-request-id')) },
    )
    expect(await remove).toEqual({ msg: 'callback deleted', key: made.key })
    expect(requestId).toMatch(/^[\da-f-]{36}$/)

    const missing = await client.callbacks.get({ key: made.key }).catch((error: unknown) => error)
    expect(missing).toBeInstanceOf(ApiError)
    expect(missing).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
      outcome: 'did-not-happen',
      requestId: expect.any(String),
    })
    await expect(client.callbacks.create({ callbackurl: '' } as typeof urls)).rejects.toMatchObject({
      status: 400,
      errors: ['callbackurl: is empty', 'missing parameter: errorcallbackurl'],
    })
    const wrong = createClient({ url: 'http://lab/rest/v1/', user: admin.name, password: 'wröng', fetch: lab.rest.fetch })
    await expect(wrong.callbacks.list()).rejects.toMatchObject({ status: 401 })
    expect((await wrong.help.openapi()).openapi).toBe('3.1.1')
    expect(await wrong.help.list()).toContainEqual(expect.objectContaining({ method: 'PUT', path: '/callbacks/:key' }))
    await expect(client.callbacks.list({}, { signal: AbortSignal.abort() })).rejects.toThrow('abort')
  })
})

it('has types that are the contract’s', () => {
  expectTypeOf<Parameters<Client['callbacks']['create']>[0]>().toEqualTypeOf<{
    callbackurl: string
    errorcallbackurl: string
    installcallbackurl?: string | undefined
    deletecallbackurl?: string | undefined
    notes?: string | undefined
  }>()
  expectTypeOf<Client['callbacks']['list']>().toBeCallableWith()
  expectTypeOf<Awaited<ReturnType<Client['callbacks']['remove']>>>().toEqualTypeOf<{ msg: string; key: number }>()
  // @ts-expect-error a key is needed
  expectTypeOf<Client['callbacks']['get']>().toBeCallableWith()
})
