import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isVirtkitError } from '../errors/virtkit-error.ts'
import { GiB, MiB, formatSize, parseSize } from './size.ts'

const field = 'disc'

describe('parseSize', () => {
  it.each([
    ['512MB', 512 * MiB],
    ['4GB', 4 * GiB],
    ['4GiB', 4 * GiB],
    ['4g', 4 * GiB],
    ['4 GB', 4 * GiB],
    [' 1.5 TiB ', 1.5 * 1024 ** 4],
    ['1 PB', 1024 ** 5],
    ['0.5K', 512],
    ['1', 1],
    [1024, 1024],
    ['7B', 7],
  ])('reads %j', (text, bytes) => {
    expect(parseSize(text, { field })).toBe(bytes)
  })

  it('takes the unit that is usual for the field when there is none', () => {
    expect(parseSize('512', { field, defaultUnit: 'MB' })).toBe(512 * MiB)
    expect(parseSize(20, { field, defaultUnit: 'GB' })).toBe(20 * GiB)
    expect(parseSize('20KB', { field, defaultUnit: 'GB' })).toBe(20 * 1024)
  })

  it.each([
    '',
    'GB',
    '-4GB',
    '0',
    '0GB',
    '4XB',
    '4 G B',
    '4GBB',
    '1e3',
    '0x10',
    '4,5GB',
    'NaN',
    '0.3B',
    '99999999PB',
    ' ',
    '4\n5',
  ])('refuses %j, naming the field', (text) => {
    const error = thrownBy(() => parseSize(text, { field }))
    expect(isVirtkitError(error, 'INVALID_INPUT') && error.details.problems[0]?.field).toBe(field)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1.5])('refuses the number %d', (value) => {
    expect(
      isVirtkitError(
        thrownBy(() => parseSize(value, { field })),
        'INVALID_INPUT',
      ),
    ).toBe(true)
  })

  it('reads back what formatSize prints, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(parseSize(formatSize(bytes), { field })).toBe(bytes)
      }),
    )
  })

  it('reads back every whole number of each unit', () => {
    const units = fc.constantFrom('KB', 'MB', 'GB', 'TB')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), units, (count, unit) => {
        const bytes = parseSize(`${count}${unit}`, { field })
        expect(bytes).toBe(count * 1024 ** (['KB', 'MB', 'GB', 'TB'].indexOf(unit) + 1))
        expect(parseSize(formatSize(bytes), { field })).toBe(bytes)
      }),
    )
  })
})

describe('formatSize', () => {
  it.each([
    [4 * GiB, '4GB'],
    [1.5 * GiB, '1536MB'],
    [1024, '1KB'],
    [1023, '1023B'],
    [1024 ** 5, '1PB'],
    [2048 * 1024 ** 5, '2048PB'],
    [0, '0B'],
  ])('prints %d', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return expect.unreachable('nothing was thrown')
}
