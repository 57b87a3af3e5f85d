import { rootCertificates } from 'node:tls'
import { expect, it } from 'vitest'
import { trustedBesides } from './trusted-authorities.ts'

it('one more authority takes nothing from those that are trusted', () => {
  const { ca = [] } = trustedBesides('mine')
  expect(ca.at(-1)).toBe('mine')
  expect(ca.length).toBeGreaterThan(rootCertificates.length / 2)
  expect(trustedBesides(undefined)).toEqual({})
})
