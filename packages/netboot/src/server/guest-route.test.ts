import fc from 'fast-check'
import { expect, test } from 'vitest'
import { guestFiles } from '../plan/guest-urls.ts'
import { parseReleaseRoute, parseRoute } from './guest-route.ts'

test('the addresses of a run are understood, with and without a query', () => {
  expect(parseRoute('/boot/token-0123/script.ipxe')).toEqual({ token: 'token-0123', file: 'script' })
  expect(parseRoute('/boot/token-0123/report?phase=ready')).toEqual({ token: 'token-0123', file: 'report' })
})

test.each([
  '/',
  '/boot',
  '/boot/token-0123',
  '/boot/token-0123/',
  '/boot/short/kernel',
  '/boot/token-0123/kernel/',
  '/boot/token-0123/../kernel',
  '/boot/token-0123/%6bernel',
  '/boot/token%2d0123/kernel',
  '/boot/../../etc/passwd',
  '//boot/token-0123/kernel',
  '/boot/token-0123/constructor',
  'http://other/boot/token-0123/kernel',
])('%s leads nowhere', (url) => {
  expect(parseRoute(url)).toBeUndefined()
})

test('whatever an address says, it names a file of the closed table or none', () => {
  const url = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom('/', 'boot', '..', 'token-0123', 'kernel', '%2e', '\\')).map((p) => p.join('')),
  )
  fc.assert(
    fc.property(url, (text) => {
      const route = parseRoute(text)
      expect([undefined, ...Object.keys(guestFiles)]).toContain(route?.file)
    }),
  )
})

test('the addresses of a release are understood, and nothing beside them', () => {
  expect(parseReleaseRoute('/release/debian-12/kernel?x=1')).toEqual({ release: 'debian-12', file: 'kernel' })
  expect(parseReleaseRoute('/release/debian-12/script.ipxe')).toEqual({ release: 'debian-12', file: 'script' })
  for (const url of [
    '/release',
    '/release//kernel',
    '/release/debian-12/preseed.cfg',
    '/release/a/b/kernel',
    '/boot/a/kernel',
  ])
    expect(parseReleaseRoute(url)).toBeUndefined()
})
