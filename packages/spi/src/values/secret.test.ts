import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from './secret.ts'

const secret = new Secret('hunter2')

describe('a secret', () => {
  it('is revealed when asked', () => {
    expect(secret.reveal()).toBe('hunter2')
  })

  it.each([
    ['a template', () => `${secret}`],
    ['String()', () => String(secret)],
    ['addition', () => 'password: ' + (secret as unknown as string)],
    ['JSON', () => JSON.stringify({ deep: [secret] })],
    ['the inspector', () => inspect({ deep: { secret } }, { depth: 9, showHidden: true, getters: true })],
    ['the inspector without custom printing', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['format', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['an error made of it', () => inspect(new Error('wrong', { cause: secret }))],
    ['its keys', () => JSON.stringify([Reflect.ownKeys(secret), Object.entries(secret), { ...secret }])],
    ['a failed comparison', () => JSON.stringify(Object.getOwnPropertyDescriptors(secret))],
  ])('does not print itself in %s', (_, print) => {
    expect(print()).not.toContain('hunter2')
  })

  it('says that it is one', () => {
    expect(String(secret)).toBe('[secret]')
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
    expect(inspect(secret)).toBe('[secret]')
  })

  it('does not travel by structured clone', () => {
    expect(inspect(structuredClone({ secret }), { showHidden: true })).not.toContain('hunter2')
  })
})
