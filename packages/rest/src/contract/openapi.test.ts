import { createConfig, lintFromString } from '@redocly/openapi-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { apiVersion, base, contract } from './contract.ts'
import { renderOpenApi } from './openapi.ts'
import type { Resource } from './operation.ts'

const render = (given: Readonly<Record<string, Resource>> = contract) => renderOpenApi(given, { base, version: apiVersion })

describe('the OpenAPI document', () => {
  it('passes the recommended rules of a public linter', async () => {
    const config = await createConfig({
      extends: ['recommended'],
      rules: {
        // The original has /users/current beside /users/:key; literal paths come first, as the specification says.
        'no-ambiguous-paths': 'off',
      },
    })
    const lint = async (document: unknown) => {
      const problems = await lintFromString({ source: JSON.stringify(document), config, absoluteRef: '/openapi.json' })
      return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`)
    }
    expect(await lint(render())).toEqual([])
    expect(await lint({ ...render(), servers: [], security: [{ nobody: [] }] })).not.toEqual([])
  })

  it('has every operation of the contract under its name, with what the caller must hold', () => {
    const operations = Object.values(render().paths).flatMap((path) => Object.values(path))
    const expected = Object.entries(contract).flatMap(([resource, ofResource]) =>
      Object.entries(ofResource).map(([name, { permission }]) => [`${resource}.${name}`, permission]),
    )
    expect(operations.map((operation) => [operation.operationId, operation['x-permission']]).toSorted()).toEqual(
      expected.toSorted(),
    )
  })

  it('says of every resource what it is', () => {
    expect(render().tags.filter(({ name, description }) => description === name)).toEqual([])
  })

  it('is the same text every time', () => {
    expect(JSON.stringify(render())).toBe(JSON.stringify(render()))
  })

  it('describes parameters, bodies of both kinds, files, other kinds of answers, and open operations', () => {
    const things: Resource = {
      find: {
        method: 'GET',
        path: '/things/:key',
        title: 'Find',
        permission: 'things:read',
        params: z.strictObject({ key: z.int().positive() }),
        query: z.strictObject({ color: z.enum(['red', 'blue']).optional().meta({ description: 'of the thing' }) }),
        result: z.object({ key: z.int() }),
        origin: 'virtkit',
      },
      paint: {
        method: 'POST',
        path: '/things/:thing/paint',
        title: 'Paint',
        permission: 'things:write',
        params: z.strictObject({ thing: z.int() }),
        body: z.strictObject({ color: z.string(), coats: z.int().default(1) }),
        goesOn: true,
        result: z.array(z.object({ coat: z.int() })),
        origin: 'virtkit',
      },
      photos: {
        method: 'GET',
        path: '/things/:key/paint',
        title: 'See',
        permission: 'public',
        params: z.strictObject({ key: z.int() }),
        result: 'binary',
        origin: 'virtkit',
      },
      upload: {
        method: 'POST',
        path: '/photos',
        title: 'Add',
        permission: 'signed-in',
        file: 'photo',
        body: z.strictObject({ title: z.string().optional() }),
        result: z.object({ msg: z.string() }),
        origin: 'virtkit',
      },
      watch: {
        method: 'GET',
        path: '/watch',
        title: 'Watch',
        permission: 'signed-in',
        result: 'stream',
        origin: 'virtkit',
      },
      figures: {
        method: 'GET',
        path: '/figures',
        title: 'Figures',
        permission: 'signed-in',
        result: 'text',
        origin: 'virtkit',
      },
    }
    const { paths, components } = render({ things })
    expect(Object.keys(paths)).toEqual(['/things/{key}', '/things/{thing}/paint', '/photos', '/watch', '/figures'])
    expect(paths['/things/{key}']!.get).toMatchObject({
      parameters: [
        { name: 'key', in: 'path', required: true, schema: { type: 'integer', exclusiveMinimum: 0 } },
        { name: 'color', in: 'query', required: false, description: 'of the thing', schema: { enum: ['red', 'blue'] } },
        { $ref: '#/components/parameters/IfNoneMatch' },
      ],
      responses: {
        200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/ThingsFindResult' } } } },
        304: { description: expect.any(String) },
        404: { $ref: '#/components/responses/Error' },
        default: { $ref: '#/components/responses/Error' },
      },
    })
    const body = { schema: { $ref: '#/components/schemas/ThingsPaintBody' } }
    expect(paths['/things/{thing}/paint']!.post).toMatchObject({
      requestBody: { required: true, content: { 'application/x-www-form-urlencoded': body, 'application/json': body } },
      responses: {
        200: {
          content: {
            'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/ThingsPaintResult' } } },
          },
        },
      },
    })
    expect(components.schemas.ThingsPaintBody).toMatchObject({
      properties: { color: { type: 'string' }, coats: { type: 'integer', default: 1 } },
      required: ['color'],
      additionalProperties: false,
    })
    expect(paths['/things/{thing}/paint']!.get).toMatchObject({
      security: [],
      // One path has one word for its parameter.
      parameters: [{ name: 'thing', in: 'path' }],
      responses: { 200: { content: { 'application/octet-stream': {} } } },
    })
    expect(paths['/photos']!.post).toMatchObject({
      requestBody: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: { properties: { title: { type: 'string' }, photo: { format: 'binary' } }, required: ['photo'] },
          },
        },
      },
    })
    expect(paths['/watch']!.get!.responses[200]!.content).toHaveProperty(['text/event-stream'])
    expect(paths['/figures']!.get!.responses[200]!.content).toHaveProperty(['text/plain'])
  })
})
