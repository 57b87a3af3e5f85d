import type { z } from 'zod'
import { accepted } from './accepted.ts'
import { errorResponse, errorSchema, problemSchema } from './error-schemas.ts'
import { headerParameters, headersOf, isRead, parametersOf } from './http-headers.ts'
import { type JsonSchema, renderSchema } from './json-schema.ts'
import { NamedSchemas } from './named-schemas.ts'
import type { Described, OpenApiDocument, OpenApiOperation, OpenApiResponse } from './openapi-document.ts'
import type { OperationContract, Resource } from './operation.ts'
import { resourceDescriptions } from './resource-descriptions.ts'

export interface OpenApiOptions {
  /** Where the API begins, such as `/rest/v1`. */
  readonly base: string
  /** Of the API. */
  readonly version: string
}

/**
 * The document that describes a contract. Promises: pure, and the same text for the same contract. Operations are named as the typed
 * client has them (`callbacks.create`); `x-permission` is what the caller must hold.
 *
 * @example
 * ```ts
 * writeFileSync('openapi.json', JSON.stringify(renderOpenApi(contract, { base, version: '0.1.0' })))
 * ```
 */
export function renderOpenApi(
  contract: Readonly<Record<string, Resource>>,
  { base, version }: OpenApiOptions,
): OpenApiDocument {
  const schemas = new NamedSchemas()
  for (const [resource, name, operation] of operationsOf(contract)) {
    if (operation.body) schemas.note(resource, name, 'Body', renderSchema(operation.body, 'input'))
    const result = resultSchema(operation)
    if (result) schemas.note(resource, name, 'Result', result.items ?? result)
    if (operation.goesOn) schemas.note(resource, name, 'Result', renderSchema(accepted, 'output'))
  }
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  const templates = new Map<string, string>()
  for (const [resource, name, operation] of operationsOf(contract)) {
    // `/machines/:key/x` and `/machines/:id/x` are one path to OpenAPI: the first one's words serve for both.
    const shape = operation.path.replaceAll(/:\w+/g, '{}')
    const template = templates.get(shape) ?? operation.path.replaceAll(/:(\w+)/g, '{$1}')
    templates.set(shape, template)
    paths[template] ??= {}
    paths[template][operation.method.toLowerCase()] = renderOperation(resource, name, operation, template, schemas)
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Virtkit',
      version,
      summary: 'Provisions virtual machines.',
      description:
        'Bodies are form-encoded (`users[0]=1&users[1]=2`) or JSON. Sizes have a unit, and GB means GiB, as in hypervisors. Timestamps and ' +
        'durations are integers of nanoseconds. Errors have the form of the schema `Error`, or problem details (RFC 9457) for those who ' +
        'accept `application/problem+json`.',
      license: { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: base }],
    security: [{ oauth2: [] }, { basic: [] }],
    tags: Object.keys(contract).map((name) => ({ name, description: resourceDescriptions[name] ?? name })),
    paths,
    components: {
      schemas: { ...schemas.all(), Error: errorSchema, Problem: problemSchema },
      parameters: headerParameters,
      responses: { Error: errorResponse },
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          description: 'A token for name and password, by client credentials.',
          flows: { clientCredentials: { tokenUrl: `${base}/token`, scopes: {} } },
        },
        basic: { type: 'http', scheme: 'basic', description: 'Name and password of a user.' },
      },
    },
  }
}

function* operationsOf(contract: Readonly<Record<string, Resource>>): Generator<[string, string, OperationContract]> {
  for (const [resource, operations] of Object.entries(contract))
    for (const [name, operation] of Object.entries(operations)) yield [resource, name, operation]
}

const resultSchema = ({ result }: OperationContract): JsonSchema | undefined =>
  typeof result === 'string' ? undefined : renderSchema(result, 'output')

function renderOperation(
  resource: string,
  name: string,
  operation: OperationContract,
  template: string,
  schemas: NamedSchemas,
): OpenApiOperation {
  const parameters = [
    ...renderParameters('path', operation.params, pathNames(operation.path, template)),
    ...renderParameters('query', operation.query),
    ...parametersOf(operation),
  ]
  const isPublic = operation.permission === 'public'
  const problems = [400, ...(isPublic ? [] : [401, 403]), ...(operation.params ? [404] : []), 'default']
  return {
    operationId: `${resource}.${name}`,
    tags: [resource],
    summary: operation.title,
    ...(operation.description && { description: operation.description }),
    ...(isPublic && { security: [] }),
    'x-permission': operation.permission,
    'x-origin': operation.origin,
    ...(parameters.length > 0 && { parameters }),
    ...renderBody(operation, schemas),
    responses: {
      [operation.status ?? 200]: {
        description: operation.title,
        ...headersOf(operation),
        content: renderContent(operation, schemas),
      },
      ...(operation.goesOn && { 202: renderAccepted(schemas) }),
      ...(operation.mayBeOver && { 204: { description: 'There is nothing more to come.' } }),
      ...(isRead(operation) && { 304: { description: 'It is as `If-None-Match` says.' } }),
      ...Object.fromEntries(problems.map((status) => [status, { $ref: '#/components/responses/Error' }])),
    },
  }
}

function renderAccepted(schemas: NamedSchemas): OpenApiResponse {
  return {
    description: 'It goes on as an operation.',
    headers: {
      Location: { description: 'where the operation can be read', schema: { type: 'string' } },
      'Operation-Id': { description: 'of the operation', schema: { type: 'string' } },
    },
    content: { 'application/json': { schema: schemas.refer(renderSchema(accepted, 'output')) } },
  }
}

/** What the operation calls the parameters of its path, and what the document does. */
function pathNames(path: string, template: string): ReadonlyMap<string, string> {
  const outside = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  return new Map([...path.matchAll(/:(\w+)/g)].map(([, name], index) => [name!, outside[index]!]))
}

function renderParameters(
  place: 'path' | 'query',
  fields: z.ZodObject | undefined,
  names?: ReadonlyMap<string, string>,
): Described[] {
  if (!fields) return []
  const { properties = {}, required = [] } = renderSchema(fields, 'input')
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name: names?.get(name) ?? name,
    in: place,
    required: required.includes(name),
    ...(typeof description === 'string' && { description }),
    schema,
  }))
}

function renderBody({ body, file }: OperationContract, schemas: NamedSchemas): { requestBody?: Described } {
  if (file !== undefined) {
    const fields = body ? renderSchema(body, 'input') : { type: 'object' }
    const properties = { ...fields.properties, [file]: { type: 'string', format: 'binary' } }
    const schema = { ...fields, properties, required: [...(fields.required ?? []), file] }
    return { requestBody: { required: true, content: { 'multipart/form-data': { schema } } } }
  }
  if (!body) return {}
  const rendered = renderSchema(body, 'input')
  const content = { schema: schemas.refer(rendered) }
  return {
    requestBody: {
      required: (rendered.required ?? []).length > 0,
      content: { 'application/x-www-form-urlencoded': content, 'application/json': content },
    },
  }
}

function renderContent(operation: OperationContract, schemas: NamedSchemas): OpenApiResponse['content'] {
  if (operation.result === 'binary') return { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
  if (operation.result === 'stream') return { 'text/event-stream': { schema: { type: 'string' } } }
  if (operation.result === 'text') return { 'text/plain': { schema: { type: 'string' } } }
  const result = renderSchema(operation.result, 'output')
  const schema = result.items ? { ...result, items: schemas.refer(result.items) } : schemas.refer(result)
  return { 'application/json': { schema } }
}
