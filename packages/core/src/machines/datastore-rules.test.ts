import type { DatastoreInfo } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { chooseDatastore } from './datastore-rules.ts'

const store = (name: string, freeMiB: number, more: Partial<DatastoreInfo> = {}): DatastoreInfo => ({
  name,
  type: 'nfs',
  writable: true,
  capacityMiB: 100_000,
  freeMiB,
  hosts: [],
  holds: ['disks', 'media'],
  ...more,
})
const stores = [store('small', 1_000), store('large', 9_000), store('largest', 10_000)]
const wish = { asked: 'auto', diskMiB: 500, filter: '', ignored: [], promisedMiB: new Map<string, number>() }

describe('auto', () => {
  it('takes the one with the most space left', () => {
    expect(chooseDatastore(stores, wish)).toBe('largest')
  })

  it('counts what machines that are being made have been promised', () => {
    expect(chooseDatastore(stores, { ...wish, promisedMiB: new Map([['largest', 2_000]]) })).toBe('large')
  })

  it('passes over what is ignored, filtered out, read-only or holds no disks', () => {
    expect(chooseDatastore(stores, { ...wish, ignored: ['largest'] })).toBe('large')
    expect(chooseDatastore(stores, { ...wish, filter: '^small$' })).toBe('small')
    expect(
      chooseDatastore(
        [store('ro', 9_000, { writable: false }), store('iso', 9_000, { holds: ['media'] }), store('ok', 600)],
        wish,
      ),
    ).toBe('ok')
  })

  it('says what the settings left out when nothing is left', () => {
    expect(() => chooseDatastore(stores, { ...wish, filter: '^none$' })).toThrow(
      /datastoreFilter and ignoredDatastores leave none of: small/,
    )
  })
})

it('a machine larger than a datastore is DATASTORE_FULL with both figures', () => {
  expect(() => chooseDatastore(stores, { ...wish, diskMiB: 10_001 })).toThrow(
    expect.objectContaining({
      code: 'DATASTORE_FULL',
      details: { datastore: 'largest', freeMiB: 10_000, askedMiB: 10_001 },
    }),
  )
})

it('an unknown datastore is refused naming those that there are', () => {
  expect(() => chooseDatastore(stores, { ...wish, asked: 'ssd' })).toThrow(/one of: small, large, largest/)
})
