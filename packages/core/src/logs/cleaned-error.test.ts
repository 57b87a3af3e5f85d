import { inspect } from 'node:util'
import { Secret, VirtkitError } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { KnownSecrets } from './known-secrets.ts'
import { formsOf } from './secret-forms.ts'

const password = 'p4ss "word" / ümlaut'
const secrets = new KnownSecrets()
secrets.remember(new Secret(password))

class Request {
  readonly headers = { authorization: `Basic ${Buffer.from(`root:${password}`).toString('base64')}` }
}

describe('what a driver has thrown', () => {
  it('is the same when there is nothing to hide', () => {
    const error = new Error('no route', { cause: new TypeError('socket') })
    expect(secrets.cleaned(error)).toBe(error)
  })

  it.each([
    ['its message', new Error(`login failed with ${password}`)],
    ['a cause of a cause', new Error('a', { cause: new Error('b', { cause: `${encodeURIComponent(password)}` }) })],
    ['one of several', new AggregateError([new Error('a'), new RangeError(JSON.stringify({ password }))], 'both')],
    ['what it carries', Object.assign(new Error('refused'), { config: { list: [{ password }] }, code: 'E' })],
    ['an object that prints it', Object.assign(new Error('refused'), { request: new Request() })],
    ['hex', new Error(Buffer.from(`x${password}`).toString('hex'))],
    [
      'details of ours',
      new VirtkitError('HYPERVISOR_REFUSED', `no: ${password}`, {
        details: { reason: password } as never,
        hint: `try ${password}`,
      }),
    ],
  ])('says nothing in %s', (_, error) => {
    const cleaned = secrets.cleaned(error) as Error
    expect(cleaned).not.toBe(error)
    expect(cleaned).toBeInstanceOf(error.constructor)
    const text = [
      inspect(cleaned, { depth: 9, showHidden: true }),
      cleaned.message,
      cleaned.stack,
      JSON.stringify(cleaned),
    ].join()
    for (const form of formsOf(password)) expect([form, text.includes(form)]).toEqual([form, false])
    expect(text).toContain('[secret]')
  })

  it('ends, however it hangs together', () => {
    const error = new Error(password) as Error & { cause?: unknown; self?: unknown }
    error.cause = new Error('below', { cause: error })
    error.self = error
    expect(inspect(secrets.cleaned(error), { depth: 9 })).toContain('[secret]')
  })
})

it('base64 is found wherever the secret stands in what was encoded', () => {
  for (const before of ['', 'a', 'ab', 'abc', 'user:'])
    for (const after of ['', 'x', 'yz'])
      for (const encoding of ['base64', 'base64url'] as const) {
        const text = Buffer.from(before + password + after).toString(encoding)
        expect(formsOf(password).some((form) => text.includes(form))).toBe(true)
      }
})
