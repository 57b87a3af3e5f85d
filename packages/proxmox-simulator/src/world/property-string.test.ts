import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parsePropertyString, parseSize, renderPropertyString, renderSize } from './property-string.ts'

it.each([
  ['local:1,ssd=1,format=qcow2', 'local:1,format=qcow2,ssd=1'],
  ['file=local:iso/a.iso,media=cdrom', 'local:iso/a.iso,media=cdrom'],
  ['none,media=cdrom', 'none,media=cdrom'],
])('%s is written head first, options in alphabetical order', (text, written) => {
  expect(renderPropertyString(parsePropertyString(text, 'file'))).toBe(written)
})

it.each([
  ['32G', 32 * 2 ** 30],
  ['1.5G', 1.5 * 2 ** 30],
  ['512', 512],
  ['4x', undefined],
  ['+1G', undefined],
])('%s is so many bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

it('a size that is written is read as the same', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      expect(parseSize(renderSize(bytes))).toBe(bytes)
    }),
  )
})
