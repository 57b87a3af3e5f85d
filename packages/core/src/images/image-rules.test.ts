import { VirtkitError } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { imageNameOf, isOfOneImage, originOf, replacedBy } from './image-rules.ts'

describe('images', () => {
  it('have names that a hypervisor takes, whatever the release is called, and that tell what is in them', () => {
    expect(imageNameOf('debian-12', 'ab'.repeat(32))).toBe('debian-12-abababababab.iso')
    for (const os of ['ubuntu-24.04', '../../etc/passwd', 'über os', 'x'.repeat(300)]) {
      expect(imageNameOf(os, 'ab'.repeat(32))).toMatch(/^[A-Za-z0-9._-]{1,100}\.iso$/)
    }
    expect(imageNameOf('a b', 'ab'.repeat(32))).not.toBe(imageNameOf('a b', 'cd'.repeat(32)))
  })

  it('go on sending guests to where they did, as long as somebody answers there', () => {
    expect(originOf('http://b', [])).toBe('http://b')
    expect(originOf('http://b', ['http://a'])).toBe('http://a')
    expect(originOf('http://b', ['http://a', 'http://b'])).toBe('http://b')
  })

  it('are replaced by newer ones of their system and when their system is gone, but not by a failure', () => {
    const known = ['a-1', 'a-2', 'b-1', 'c-1'].map((name) => ({ name, os: name[0]! }))
    const images = [
      { os: 'a', name: 'a-2', status: 'present' },
      { os: 'b', name: 'b-2', status: 'failed' },
    ]
    expect(replacedBy(images, known).map(({ name }) => name)).toEqual(['a-1', 'c-1'])
  })

  it('fail one by one, unless nothing goes', () => {
    const failed = (code: 'DATASTORE_FULL' | 'HYPERVISOR_UNAVAILABLE' | 'UNAUTHENTICATED' | 'CANCELLED'): boolean =>
      isOfOneImage(new VirtkitError(code, 'no', { details: {} as never }))
    expect(failed('DATASTORE_FULL')).toBe(true)
    expect([failed('HYPERVISOR_UNAVAILABLE'), failed('UNAUTHENTICATED'), failed('CANCELLED')]).toEqual([
      false,
      false,
      false,
    ])
  })
})
