import type { JsonSchema } from './json-schema.ts'
import type { OpenApiResponse } from './openapi-document.ts'

const errorProperties = {
  errors: { type: 'array', items: { type: 'string' }, minItems: 1, description: 'every problem, each naming its field' },
  instance: { type: 'string', description: 'the path that was asked for' },
}

/** The original's form of every failure. */
export const errorSchema: JsonSchema = {
  type: 'object',
  properties: {
    ...errorProperties,
    timestamp: { type: 'integer', format: 'int64', description: 'unix nanoseconds' },
    statuscode: { type: 'integer', description: 'the HTTP status' },
  },
  required: ['errors', 'timestamp', 'statuscode', 'instance'],
  additionalProperties: false,
}

export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'Problem details, RFC 9457.',
  properties: {
    ...errorProperties,
    type: { type: 'string', description: '`urn:virtkit:error:<code>`, or `about:blank`' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'which of the errors of Virtkit it is, such as `CONTINGENT_EXCEEDED`' },
    outcome: { enum: ['did-not-happen', 'unknown'], description: 'whether the call may have had an effect' },
    details: { type: 'object', description: 'facts of the code' },
    hint: { type: 'string', description: 'what to do next, which ends `detail` as well' },
  },
  required: ['type', 'title', 'status', 'detail', 'instance', 'errors'],
  additionalProperties: false,
}

export const errorResponse: OpenApiResponse = {
  description: 'It did not go well: who asked, what was asked, or what is behind it.',
  headers: {
    'X-Request-Id': { description: 'names this request in logs', schema: { type: 'string' } },
    'Retry-After': { description: 'seconds to wait, where waiting helps', schema: { type: 'integer' } },
  },
  content: {
    'application/json': { schema: { $ref: '#/components/schemas/Error' } },
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  },
}
