import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { kitVersion } from './kit-version.ts'
import { isNewer, isVersion } from './version-rules.ts'

it('versions are in the order of Semantic Versioning', () => {
  // The example of the specification, and around it.
  const order = [
    '0.9.10',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ]
  for (const [a, older] of order.entries())
    for (const [b, newer] of order.entries()) expect([older, newer, isNewer(newer, older)]).toEqual([older, newer, b > a])
})

it('builds do not count, and what is no version is never newer', () => {
  expect(isNewer('1.0.0+2', '1.0.0+1')).toBe(false)
  expect(isNewer('v1.0.1', '1.0.0')).toBe(true)
  const none = ['', 'latest', '1.0', '1.0.0.0', '01.0.0', '1.0.0-', '1.0.0 ', '1.0.0\n', `1.0.0-${'a'.repeat(300)}`]
  expect(none.filter(isVersion)).toEqual([])
  expect(isNewer('latest', '1.0.0')).toBe(false)
  expect(isNewer('2.0.0', 'latest')).toBe(false)
})

it('the version is that of the package', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  expect((JSON.parse(text) as { version: string }).version).toBe(kitVersion)
})
