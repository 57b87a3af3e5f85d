import type { OpenApiDocument } from '@virtkit/rest/contract'
import { code, renderTable, sentence } from '../table.ts'

type OpenApiOperation = OpenApiDocument['paths'][string][string]

interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly format?: string
  readonly $ref?: string
}

interface Field {
  readonly name: string
  readonly place: string
  readonly isRequired: boolean
  readonly schema: Schema
}

/** The page about the HTTP API, out of its OpenAPI document. Pure. */
export function renderRest(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  return `# HTTP API

${operations.length} operations below \`${document.servers[0]!.url}\`. A server has this page as a program reads it at \`/openapi.json\`, and to try out at \`/docs\`.
${String(document.info['description'])}

Lists take \`limit\`, \`cursor\`, \`sort\` and filters named as their fields; \`Link\` leads to the next page. Changes take an \`Idempotency-Key\`, and
an \`If-Match\` with the \`ETag\` that was read. What takes long answers 202 with the operation that it goes on as.
[Operating it](../guides/operate.md) shows all of that at work.

${document.tags
  .map(
    ({ name, description }) =>
      `## ${name}\n\n${description}\n\n${operations
        .filter(({ operation }) => (operation['tags'] as readonly string[]).includes(name))
        .map((each) => renderOperation(each, document))
        .join('\n\n')}`,
  )
  .join('\n\n')}
`
}

function renderOperation(
  { path, method, operation }: { path: string; method: string; operation: OpenApiOperation },
  document: OpenApiDocument,
): string {
  const fields = [...parametersOf(operation), ...bodyOf(operation, document)]
  const needs = String(operation['x-permission'])
  const rows = fields.map(({ name, place, isRequired, schema }) => [
    code(name),
    place,
    typeOf(schema),
    isRequired ? 'yes' : '',
    sentence(schema.description ?? ''),
  ])
  return [
    `### \`${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}\``,
    `${sentence(String(operation['summary']))} ${sentence(String(operation['description'] ?? ''))}`.trim(),
    `Client: \`client.${operation.operationId}\`. ${needs === 'public' ? 'For everybody.' : needs === 'signed-in' ? 'For any user.' : `Needs \`${needs}\`.`}`,
    ...(rows.length > 0 ? [renderTable(['Field', 'In', 'Type', 'Needed', ''], rows)] : []),
  ].join('\n\n')
}

function parametersOf({ parameters = [] }: OpenApiOperation): Field[] {
  return parameters.flatMap((each) => {
    const {
      name,
      in: place,
      required,
      schema,
      description,
    } = each as unknown as {
      name?: string
      in: string
      required: boolean
      schema: Schema
      description?: string
    }
    if (name === undefined || isOfEveryList(name)) return []
    return [{ name, place, isRequired: required, schema: { ...schema, ...(description !== undefined && { description }) } }]
  })
}

const isOfEveryList = (name: string): boolean => ['limit', 'cursor', 'sort'].includes(name)

function bodyOf(operation: OpenApiOperation, document: OpenApiDocument): Field[] {
  const body = operation['requestBody'] as { content: Record<string, { schema: Schema }> } | undefined
  if (!body) return []
  const { schema } = Object.values(body.content)[0]!
  const { properties = {}, required = [] } = resolve(schema, document)
  return Object.entries(properties).map(([name, each]) => ({
    name,
    place: 'body',
    isRequired: required.includes(name),
    schema: resolve(each, document),
  }))
}

function resolve(schema: Schema, document: OpenApiDocument): Schema {
  if (schema.$ref === undefined) return schema
  return document.components.schemas[schema.$ref.split('/').at(-1)!] as Schema
}

function typeOf({ type, enum: values, items, anyOf, format }: Schema): string {
  if (values) return values.map((value) => code(String(value))).join(', ')
  if (format === 'binary') return 'file'
  if (items) return `list of ${typeOf(items)}`
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' or ')
  return Array.isArray(type) ? type.join(' or ') : String(type ?? 'any')
}
