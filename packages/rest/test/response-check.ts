import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { apiVersion, base as originalBase, contract, renderOpenApi } from '../src/contract/index.ts'
import type { OpenApiDocument, OpenApiResponse } from '../src/contract/openapi-document.ts'

type Responses = OpenApiDocument['paths'][string][string]['responses']

/** Throws for an answer that the document does not describe: status, kind of content, and every field. */
export type ResponseCheck = (method: string, path: string, response: Response) => Promise<void>

/** Checks answers against the OpenAPI document, as anybody who reads it could. */
export function responseCheck(document: OpenApiDocument = documentOf()): ResponseCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(document, 'openapi')
  const compiled = new Map<string, ValidateFunction>()
  const base = document.servers[0]!.url
  const patterns = Object.entries(document.paths)
    .map(([template, operations]) => ({ template, operations, pattern: patternOf(template) }))
    .toSorted((a, b) => fixedParts(b.template) - fixedParts(a.template))

  return async (method, path, response) => {
    const below = path.startsWith(base) ? path.slice(base.length).replace(/(.)\/$/, '$1') || '/' : undefined
    if (below === undefined || method === 'OPTIONS' || /^\/docs(\/|$)/.test(below)) return
    const asked = method === 'HEAD' ? 'get' : method.toLowerCase()
    const found = patterns.find(({ pattern, operations }) => pattern.test(below) && operations[asked])
    const operation = found?.operations[asked]
    const where = `${method} ${path} answered ${response.status}`
    const described = operation
      ? pick(operation.responses, response.status, where)
      : pick({ default: { $ref: '#/components/responses/Error' } }, response.status, where)
    if (method === 'HEAD') return
    const { content } = resolve(described)
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!
    const text = content ? await textOf(response) : undefined
    if (!content || text === '') {
      if (content && response.status < 400 && response.status !== 304) throw new Error(`${where} without a body`)
      return
    }
    if (!Object.hasOwn(content, type)) throw new Error(`${where} as ${type}, which is not in the document`)
    if (text === undefined || !type.endsWith('json')) return
    const { schema } = content[type]!
    const key = JSON.stringify(schema)
    const validate = compiled.get(key) ?? ajv.compile(absolute(schema) as object)
    compiled.set(key, validate)
    if (!validate(JSON.parse(text)))
      throw new Error(
        `${where} with what is not in the document: ${ajv.errorsText(validate.errors)}: ${text.slice(0, 600)}`,
      )
  }

  function pick(responses: Responses, status: number, where: string): OpenApiResponse {
    const described = responses[status] ?? (status >= 400 ? responses.default : undefined)
    if (!described) throw new Error(`${where}, which is not in the document`)
    return described
  }

  function resolve(response: OpenApiResponse): OpenApiResponse {
    const name = response.$ref?.replace('#/components/responses/', '')
    return name === undefined ? response : document.components.responses[name]!
  }
}

export const documentOf = (base = originalBase): OpenApiDocument => renderOpenApi(contract, { base, version: apiVersion })

// Compiling schemas takes longer than most tests.
const checks = new Map<string, ResponseCheck>()

/** A server that is held against the document with every answer that it gives. */
export function checked<More extends unknown[]>(
  fetch: (request: Request, ...more: More) => Promise<Response>,
  base: string = originalBase,
): typeof fetch {
  const check = checks.get(base) ?? responseCheck(documentOf(base))
  checks.set(base, check)
  return async (request, ...more) => {
    const response = await fetch(request, ...more)
    await check(request.method, new URL(request.url).pathname, response)
    return response
  }
}

/** Files and streams are left alone: reading them would end them. */
async function textOf(response: Response): Promise<string | undefined> {
  const type = response.headers.get('content-type') ?? ''
  return /json/.test(type) || !response.body ? response.clone().text() : undefined
}

const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`)

/** Literal paths are before those with parameters, as the specification says. */
const fixedParts = (template: string): number => template.split('/').filter((part) => !part.startsWith('{')).length

/** References from the document's own words. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === '$ref' && typeof each === 'string' ? `openapi${each}` : absolute(each),
    ]),
  )
}
