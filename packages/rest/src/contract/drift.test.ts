import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { additions, ofEveryList } from '../../test/drift-additions.ts'
import { base, contract } from './contract.ts'
import { type JsonSchema, renderSchema } from './json-schema.ts'
import type { OperationContract } from './operation.ts'

// The original's API, operation by operation, as its documentation has it: method, path, parameters and fields of results.
interface Original {
  readonly method: string
  readonly path: string
  readonly bearer: boolean
  readonly params: readonly { name: string; in: 'path' | 'query' | 'body'; type: string; required: boolean }[]
  readonly result: {
    readonly format: 'json' | 'binary'
    readonly shape: 'object' | 'array'
    readonly fields: readonly { name: string; type: string }[]
  } | null
}

const originals = JSON.parse(
  readFileSync(new URL('../../test/operations.json', import.meta.url), 'utf8'),
) as readonly Original[]

const operations: OperationContract[] = Object.values(contract).flatMap((resource) => Object.values(resource))
const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`
const ours = new Map(operations.map((operation) => [nameOf(operation), operation]))

describe('the contract has what the original has, and nothing else', () => {
  it.each(originals.map((original) => [nameOf(original), original] as const))('%s', (name, original) => {
    const operation = ours.get(name)
    expect(operation).toBeDefined()
    expect(operation!.origin).toBe('original')
    expect(operation!.permission === 'public').toBe(!original.bearer)
    const added = additions.filter(({ to }) => to.includes(name))
    const params = paramsOf(operation!)
    expect(params).toEqual(
      [
        ...original.params.map(({ name: field, in: place, type, required }) =>
          sayParam(place, field, type, place === 'path' || required),
        ),
        ...added.flatMap((addition) => addition.params ?? []),
        ...listParams(
          params,
          original,
          added.flatMap((addition) => addition.result ?? []),
        ),
      ].toSorted(),
    )
    const fields = added.flatMap((addition) => addition.result ?? [])
    expect(resultOf(operation!)).toEqual(expectedResult(original, fields))
  })

  it('the base is the original’s', () => {
    expect(base).toBe('/rest/v1')
  })

  it('what is called the original’s is in it, and what is added is ours', () => {
    const known = new Set(originals.map(nameOf))
    for (const operation of operations)
      expect([nameOf(operation), operation.origin === 'original']).toEqual([
        nameOf(operation),
        known.has(nameOf(operation)),
      ])
    expect(ours.size).toBe(operations.length)
  })

  it('every addition is to operations of the original, with a reason', () => {
    const known = new Set(originals.map(nameOf))
    for (const { to, params = [], result = [], because } of additions) {
      expect(to.filter((name) => !known.has(name))).toEqual([])
      expect(params.length + result.length).toBeGreaterThan(0)
      expect(because).toMatch(/\w \w/)
    }
  })
})

/** All or nothing of what a list may be asked for; filters have the names of fields of the result. */
function listParams(params: readonly string[], { result }: Original, added: readonly string[]): readonly string[] {
  if (result?.shape !== 'array' || !ofEveryList.every((param) => params.includes(param))) return []
  const fields = new Set([...result.fields.map(({ name }) => name), ...added.map((field) => field.split(':')[0]!)])
  return [...ofEveryList, ...params.filter((param) => fields.has(/^query (\w+): /.exec(param)?.[1] ?? ''))]
}

/** `body notes: string`, with a mark where it must be given. */
const sayParam = (place: string, name: string, type: string, isRequired: boolean): string =>
  `${place} ${name}: ${type in inputs ? inputs[type]! : type}${isRequired ? '!' : ''}`

/** What our schemas say for the documentation's words, in what is given. */
const inputs: Readonly<Record<string, string>> = {
  int: 'integer',
  bool: 'boolean',
  '[]int': 'integer[]',
  '[]string': 'string[]',
  // Both are taken as a number or as a text.
  timestamp: 'number|string',
  duration: 'number|string',
  'application/octet-stream': 'file',
}

/** The same for what is answered. */
const outputs: Readonly<Record<string, string>> = {
  int: 'integer',
  int64: 'integer',
  bool: 'boolean',
  '[]int': 'integer[]',
  '[]string': 'string[]',
  timestamp: 'integer',
  duration: 'integer',
  'net.IP': 'string',
  '[]interfaces.NetStatus': 'object[]',
}

function paramsOf({ params, query, body, file }: OperationContract): string[] {
  const said = [
    ...fieldsOf(params && renderSchema(params, 'input')).map((field) => `path ${field}`),
    ...fieldsOf(query && renderSchema(query, 'input')).map((field) => `query ${field}`),
    ...fieldsOf(body && renderSchema(body, 'input')).map((field) => `body ${field}`),
    ...(file === undefined ? [] : [`body ${file}: file!`]),
  ]
  // A size is a text in the documentation; ours takes a bare number as well.
  return said.map((field) => field.replace(': string|number', ': string')).toSorted()
}

function fieldsOf(schema: JsonSchema | undefined): string[] {
  const { properties = {}, required = [] } = schema ?? {}
  return Object.entries(properties).map(([name, field]) => `${name}: ${typeOf(field)}${required.includes(name) ? '!' : ''}`)
}

function typeOf(schema: JsonSchema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join('|')
  if (schema.items) return `${typeOf(schema.items)}[]`
  if (schema.enum) return typeof (schema.enum as unknown[])[0]
  if (typeof schema.type !== 'string')
    throw new Error(`a type that the documentation cannot have: ${JSON.stringify(schema)}`)
  return schema.type
}

function resultOf({ result }: OperationContract): unknown {
  if (typeof result === 'string') return result
  const schema = renderSchema(result, 'output')
  return {
    shape: schema.type,
    fields: fieldsOf(schema.items ?? schema).toSorted(),
  }
}

function expectedResult({ result }: Original, added: readonly string[]): unknown {
  if (result?.format === 'binary') return 'binary'
  // The documentation says nothing about some results: then they are ours to choose.
  if (!result || result.fields.length === 0) return expect.anything()
  // Every field of the original is always there: its own clients do not ask.
  const fields = result.fields.map(({ name, type }) => `${name}: ${type in outputs ? outputs[type]! : type}!`)
  return { shape: result.shape, fields: [...fields, ...added].toSorted() }
}
