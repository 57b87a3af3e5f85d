import { builtinReleases, createCatalog } from '@virtkit/netboot'
import { expect, it } from 'vitest'
import { osKeyOf, osOf } from './os-keys.ts'

const catalog = createCatalog(builtinReleases)

it('every release of the catalog goes out by its key and comes in by it', () => {
  for (const { key, id } of builtinReleases) {
    expect(osKeyOf(catalog, id)).toBe(key)
    expect(osOf(catalog, key)).toBe(id)
  }
})

it('the system of an imported machine is 0, which is no release, both ways', () => {
  expect(builtinReleases.some(({ key }) => key === 0)).toBe(false)
  expect([osKeyOf(catalog, 'other'), osOf(catalog, 0)]).toEqual([0, 'other'])
})

it('an unknown key is refused with some that there are', () => {
  expect(() => osOf(catalog, 7)).toThrow(/oskey: there is no operating system 7 \(for example 1\d\d \(debian-/)
})
