import { isVirtkitError } from '@virtkit/spi'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isKey, keysField, nameField } from './fields.ts'
import { parseWith } from './problems.ts'

const schema = z.strictObject({
  name: nameField,
  disks: z.array(z.strictObject({ size: z.int().max(10) })).optional(),
  mode: z.enum(['thin', 'thick']).optional(),
  where: z.union([z.int(), z.strictObject({ host: z.string() })], 'must be a number or { host }').optional(),
})

function problems(input: unknown): string[] {
  try {
    parseWith(schema, input)
  } catch (error) {
    if (isVirtkitError(error, 'INVALID_INPUT'))
      return error.details.problems.map((each) => `${each.field}: ${each.problem}`)
    throw error
  }
  return []
}

describe('parseWith', () => {
  it('answers what the schema makes of the input', () => {
    expect(parseWith(keysField, [3, 1, 3])).toEqual([3, 1])
  })

  it('names fields as a caller writes them, in plain words', () => {
    expect(problems({ disks: [{ size: 5 }, { size: 11 }], mode: 'fat', more: 1 })).toEqual([
      'name: is missing',
      'disks[1].size: must be at most 10',
      'mode: must be one of "thin", "thick"',
      'more: there is no such field',
    ])
  })

  it('speaks of the alternative that was meant, or else of the choice', () => {
    expect(problems({ name: 'a', where: { host: 5 } })).toEqual(['where.host: must be a string'])
    expect(problems({ name: 'a', where: { hots: 'x' } })).toEqual(['where: must be a number or { host }'])
  })

  it.each(['', 'x'.repeat(81), 'a\nb', 'a\u0000', 7, null])('%j is no name', (name) => {
    expect(problems({ name })).toHaveLength(1)
  })

  it('a name may be of any script', () => {
    expect(problems({ name: 'Größe 大 🚀' })).toEqual([])
  })
})

describe('isKey', () => {
  it.each([0, -1, 1.5, 2 ** 31, Number.NaN, '1', undefined])('%j is no number of a resource', (value) => {
    expect(isKey(value)).toBe(false)
  })

  it('the largest that both engines can keep is one', () => {
    expect(isKey(2 ** 31 - 1)).toBe(true)
  })
})
