import { expect, it } from 'vitest'
import { z } from 'zod'
import { renderSchema } from './json-schema.ts'
import { timestamp } from './values.ts'

it('an integer has the bounds that it was given, and no others', () => {
  expect(renderSchema(z.int(), 'output')).toEqual({ type: 'integer' })
  expect(renderSchema(z.int().min(1).max(9), 'output')).toEqual({ type: 'integer', minimum: 1, maximum: 9 })
  expect(renderSchema(timestamp, 'output')).toMatchObject({ type: 'integer', format: 'int64' })
})

it('a record whose names are known is an object with these properties', () => {
  expect(renderSchema(z.record(z.enum(['core', 'rest']), z.boolean()), 'output')).toEqual({
    type: 'object',
    properties: { core: { type: 'boolean' }, rest: { type: 'boolean' } },
    required: ['core', 'rest'],
    additionalProperties: false,
  })
  expect(renderSchema(z.record(z.string(), z.boolean()), 'output')).toMatchObject({
    additionalProperties: { type: 'boolean' },
  })
})

it('what is given may leave out what has a default; what is answered has it', () => {
  const schema = z.strictObject({ coats: z.int().default(1) })
  expect(renderSchema(schema, 'input').required).toBeUndefined()
  expect(renderSchema(schema, 'output').required).toEqual(['coats'])
})
