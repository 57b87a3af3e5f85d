import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { everyRoute } from '../src/api/every-route.ts'
import type { Parameter } from '../src/api/parameters.ts'
import { createRouter } from '../src/server/router.ts'

/**
 * The original describes its API in data that may not be kept here (AGPL): say where it lies, and every parameter of ours is held
 * against it. It is a list of `{ method, path, parameters: { properties } }`, as `pvesh` and the API viewer have it.
 */
const file = process.env['PROXMOX_API_SCHEMA'] ?? '../shared/research/proxmox-recorded/schema-8.4.json'

/** These take fewer settings than the original: none of storage types and services that are not here. */
const partly = new Set(['PUT /cluster/options', 'POST /storage', 'PUT /storage/{storage}'])

interface Described {
  readonly type?: string
  readonly optional?: number
  readonly enum?: readonly (string | null)[]
  readonly minimum?: number | string
  readonly maximum?: number | string
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly requires?: string
}

interface Endpoint {
  readonly method: string
  readonly path: string
  readonly parameters?: { readonly properties?: Readonly<Record<string, Described>> }
}

it('has at least sixty endpoints, each once', () => {
  const names = everyRoute.map(({ method, path }) => `${method} ${path}`)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThanOrEqual(60)
  // What stands in a path is a parameter too.
  for (const { path, method } of everyRoute) {
    const route = createRouter(everyRoute).find(method, path.replaceAll(/[{}]/g, ''))?.route
    for (const [, name] of path.matchAll(/\{(\w+)\}/g)) expect(Object.keys(route?.parameters ?? {})).toContain(name)
  }
})

if (existsSync(file)) {
  const endpoints = new Map(
    (JSON.parse(readFileSync(file, 'utf8')) as Endpoint[]).map((endpoint) => [
      `${endpoint.method} ${endpoint.path}`,
      endpoint,
    ]),
  )
  const routes = everyRoute.filter(({ method, path }) => endpoints.has(`${method} ${path}`))

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s takes what it says',
    (name, route) => {
      const found = createRouter([route]).find(route.method, route.path.replaceAll(/[{}]/g, ''))
      const ours = Object.entries(found?.route.parameters ?? {})
      const theirs = endpoints.get(name)?.parameters?.properties ?? {}
      expect(Object.fromEntries(ours.map(([key, parameter]) => [key, ownWords(parameter)]))).toEqual(
        Object.fromEntries(
          Object.entries(theirs)
            .filter(([key]) => !partly.has(name) || ours.some(([own]) => own === key))
            .map(([key, described]) => [key, theirWords(described)]),
        ),
      )
    },
  )
}

function ownWords({
  type,
  optional,
  enum: words,
  minimum,
  maximum,
  minLength,
  maxLength,
  pattern,
  requires,
}: Parameter): unknown {
  const listed = words && { enum: words.toSorted() }
  return {
    type,
    optional: optional === true,
    minimum,
    maximum,
    minLength,
    maxLength,
    requires,
    pattern: pattern !== undefined,
    ...listed,
  }
}

function theirWords({ type = 'string', optional, enum: words, pattern, minimum, maximum, ...rest }: Described): unknown {
  const { minLength, maxLength, requires } = rest
  const number = (value: number | string | undefined): number | undefined =>
    value === undefined ? undefined : Number(value)
  const listed = words && { enum: words.filter((word) => word !== null).toSorted() }
  return {
    type,
    optional: optional === 1,
    minimum: number(minimum),
    maximum: number(maximum),
    minLength,
    maxLength,
    requires,
    pattern: pattern !== undefined,
    ...listed,
  }
}
