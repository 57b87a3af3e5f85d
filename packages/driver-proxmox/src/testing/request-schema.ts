import { existsSync, readFileSync } from 'node:fs'
import type { PveAsk } from '../client/transport.ts'

/**
 * The original describes its API in data that may not be kept here (AGPL): say where it lies, and every request is held against it. It
 * is a list of `{ method, path, parameters: { properties } }`, as the API viewer has it.
 */
const file = process.env['PROXMOX_API_SCHEMA'] ?? '../shared/research/proxmox-recorded/schema-8.4.json'

interface Described {
  readonly type?: string
  readonly optional?: number
  readonly enum?: readonly (string | null)[]
  readonly minimum?: number | string
  readonly maximum?: number | string
  readonly maxLength?: number
  readonly pattern?: string
  readonly requires?: string
  readonly format?: unknown
}

type Properties = Readonly<Record<string, Described>>

interface Endpoint {
  readonly method: string
  readonly path: string
  readonly parameters?: { readonly properties?: Properties }
}

/** Says what is wrong with a request, or undefined where the schema is not at hand. */
export function requestSchema(): ((ask: PveAsk) => readonly string[]) | undefined {
  if (!existsSync(file)) return undefined
  const endpoints = new Map(
    (JSON.parse(readFileSync(file, 'utf8')) as Endpoint[]).map((each) => [
      `${each.method} ${each.path}`,
      each.parameters?.properties ?? {},
    ]),
  )
  return ({ method, path, at = {}, params = {} }) => {
    const properties = endpoints.get(`${method} ${path}`)
    if (!properties) return [`${method} ${path} is not described`]
    const given = Object.entries({ ...at, ...params }).filter(([, value]) => value !== undefined)
    const named = (name: string): Described | undefined => properties[name] ?? properties[name.replace(/\d+$/, '[n]')]
    const missing = Object.entries(properties)
      .filter(([name, { optional }]) => optional !== 1 && !given.some(([each]) => each === name))
      .map(([name]) => `${name} is missing`)
    return [
      ...missing,
      ...given.flatMap(([name, value]) => {
        const described = named(name)
        if (!described) return [`${name} is not described`]
        const text = typeof value === 'boolean' ? String(Number(value)) : String(value)
        const required = described.requires !== undefined && !given.some(([each]) => each === described.requires)
        return [...wrong(described, text), ...(required ? [`needs ${described.requires}`] : [])].map(
          (problem) => `${name}=${text}: ${problem}`,
        )
      }),
    ].map((problem) => `${method} ${path}: ${problem}`)
  }
}

function wrong(described: Described, text: string): readonly string[] {
  const { type, enum: words, minimum, maximum, maxLength, pattern, format } = described
  const problems: string[] = []
  if (type === 'boolean' && !/^[01]$/.test(text)) problems.push('is no boolean')
  if (type === 'integer' && !/^-?\d+$/.test(text)) problems.push('is no integer')
  if (minimum !== undefined && Number(text) < Number(minimum)) problems.push(`is less than ${minimum}`)
  if (maximum !== undefined && Number(text) > Number(maximum)) problems.push(`is more than ${maximum}`)
  if (maxLength !== undefined && text.length > maxLength) problems.push(`is longer than ${maxLength}`)
  if (words && !words.includes(text)) problems.push(`is none of ${words.join(', ')}`)
  if (pattern !== undefined && !matches(pattern, text)) problems.push(`does not match ${pattern}`)
  // A property string: names and words of each part.
  if (typeof format === 'object' && format !== null) problems.push(...wrongParts(format as Properties, text))
  return problems
}

function wrongParts(
  parts: Readonly<Record<string, Described & { default_key?: number; alias?: string }>>,
  text: string,
): string[] {
  return text.split(',').flatMap((part, index) => {
    const equals = part.indexOf('=')
    if (equals === -1)
      return index === 0 && Object.values(parts).some((each) => each.default_key === 1) ? [] : [`${part} has no name`]
    const described = parts[part.slice(0, equals)]
    if (!described) return [`${part} is not described`]
    return described.alias === undefined ? [...wrong(described, booleanOf(described, part.slice(equals + 1)))] : []
  })
}

// Inside a property string a boolean may be a word.
function booleanOf({ type }: Described, text: string): string {
  if (type !== 'boolean') return text
  return /^(?:on|yes|true)$/.test(text) ? '1' : /^(?:off|no|false)$/.test(text) ? '0' : text
}

/** Perl's patterns, the few kinds that occur; one that cannot be read here is not held against anything. */
function matches(pattern: string, text: string): boolean {
  const ours = pattern
    .replaceAll(/\(\?\^\w*:/g, '(?:')
    .replaceAll(/\(\?\^u?:/g, '(?:')
    .replaceAll(String.raw`\z`, '$')
  try {
    return new RegExp(`^(?:${ours})$`, 'i').test(text)
  } catch {
    return true
  }
}
