import { Secret } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { AesKeyring, type RingKey } from './aes-keyring.ts'

const key = (id: string): RingKey => ({ id, key: Buffer.alloc(32, id) })
const ring = new AesKeyring([key('a')])
const context = 'credentials/3/password'
const password = new Secret('hunter2 – ü')

describe('AesKeyring', () => {
  it('opens what it sealed', () => {
    expect(ring.open(ring.seal(password, context), context).reveal()).toBe('hunter2 – ü')
    expect(ring.open(ring.seal(new Secret(''), context), context).reveal()).toBe('')
  })

  it('seals the same differently each time, and shows nothing of it', () => {
    const sealed = ring.seal(password, context)
    expect(sealed).toMatch(/^vk1\.a\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/)
    expect(ring.seal(password, context)).not.toBe(sealed)
    expect(sealed).not.toContain('hunter2')
  })

  it('does not open what was moved to another place', () => {
    const sealed = ring.seal(password, context)
    expect(() => ring.open(sealed, 'credentials/4/password')).toThrow(/credentials\/4\/password was changed/)
  })

  it('does not open what was changed, wherever', () => {
    const sealed = ring.seal(password, context)
    const parts = sealed.split('.')
    for (const index of [2, 3, 4]) {
      const changed = parts.with(index, `${parts[index]!.startsWith('A') ? 'B' : 'A'}${parts[index]!.slice(1)}`).join('.')
      expect(() => ring.open(changed, context)).toThrow('was changed')
    }
    for (const text of ['', 'hunter2', 'vk1.a', `${parts.slice(0, 4).join('.')}.`, sealed.replace('vk1', 'vk2')]) {
      expect(() => ring.open(text, context)).toThrow('was changed')
    }
  })

  it('does not accept a shortened tag', () => {
    const parts = ring.seal(password, context).split('.')
    const short = Buffer.from(parts[4]!, 'base64url').subarray(0, 12).toString('base64url')
    expect(() => ring.open(parts.with(4, short).join('.'), context)).toThrow('was changed')
  })

  it('opens under an older key, and knows what to seal anew', () => {
    const sealed = ring.seal(password, context)
    const rotated = new AesKeyring([key('b'), key('a')])
    expect(rotated.open(sealed, context).reveal()).toBe(password.reveal())
    expect(rotated.isStale(sealed)).toBe(true)
    expect(rotated.isStale(rotated.seal(password, context))).toBe(false)
  })

  it('names the key that is missing', () => {
    const other = new AesKeyring([key('b')])
    expect(() => other.open(ring.seal(password, context), context)).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED', message: expect.stringContaining('"a"') }),
    )
  })

  it('derives for ever the same, for each purpose something else', () => {
    const once = ring.derive('marks').reveal()
    expect(once).toMatch(/^[\w-]{43}$/)
    expect(new AesKeyring([key('c'), key('b'), key('a')]).derive('marks').reveal()).toBe(once)
    expect(ring.derive('tokens').reveal()).not.toBe(once)
    expect(new AesKeyring([key('b')]).derive('marks').reveal()).not.toBe(once)
  })
})
