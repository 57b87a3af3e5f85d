import { expect, it } from 'vitest'
import { AddressBlocks, isAddressBlock } from './address-blocks.ts'

it.each(['10.0.0.0/8', '127.0.0.1', 'fd00::/8', '::1', '0.0.0.0/0', '::/0', '10.1.2.3/32', '::1/128'])(
  '%s is a block',
  (text) => {
    expect(isAddressBlock(text)).toBe(true)
    expect(new AddressBlocks([text]).has(text.split('/')[0]!)).toBe(true)
  },
)

it.each([
  '',
  'localhost',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '::/129',
  '10.0.0/8',
  'fe80::1%eth0',
  '10.0.0.0/-1',
  '10.0.0.0/1e1',
])('%s is none', (text) => {
  expect(isAddressBlock(text)).toBe(false)
  expect(() => new AddressBlocks([text])).toThrow(RangeError)
})

it('a block of one family holds nothing of the other', () => {
  expect(new AddressBlocks(['::/0']).has('10.0.0.1')).toBe(false)
  expect(new AddressBlocks(['0.0.0.0/0']).has('::ffff:10.0.0.1')).toBe(false)
  expect(new AddressBlocks(['10.0.0.0/8']).has('11.0.0.1')).toBe(false)
})
