import { z } from 'zod'
import { RequestError } from './error-answer.ts'
import { isKeepable } from './parse-json.ts'

/** Names and texts, as a form, a query or a path has them, in order. */
export type Pairs = Iterable<readonly [string, string]>

/** What does not fit, each naming its field. */
type Problems = string[]

/**
 * Makes of texts what the schema asks for, by its types alone: `cpu=2` becomes a number where one is asked for, `users[0]=1`,
 * `users[]=1` and a repeated `users=1` become a list. What cannot be read that way stays a text, for the schema to refuse.
 */
export function fromPairs(pairs: Pairs, schema: z.ZodObject): Record<string, unknown> {
  const given = new Map<string, { at: number | undefined; value: string }[]>()
  const problems: Problems = []
  for (const [rawName, value] of pairs) {
    if (!isKeepable(rawName) || !isKeepable(value))
      problems.push(`${rawName.slice(0, 80)}: has NUL or half a character in it`)
    const bracket = /^(.+?)\[(\d{0,4})\]$/.exec(rawName)
    const name = bracket?.[1] ?? rawName
    const list = given.get(name) ?? []
    list.push({ at: bracket?.[2] ? Number(bracket[2]) : undefined, value })
    given.set(name, list)
  }
  const result: Record<string, unknown> = Object.create(null)
  for (const [name, values] of given) {
    const item = listItem(kindAt(schema, name))
    if (item) {
      const places = values.flatMap(({ at }) => (at === undefined ? [] : [at])).toSorted((a, b) => a - b)
      if (places.some((at, index) => at !== index)) problems.push(`${name}: has holes or the same place twice`)
      const ordered = values.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
      result[name] = ordered.map(({ value }) => convert(value, item))
    } else if (values.length > 1) {
      problems.push(`${name}: is given ${values.length} times`)
    } else {
      result[name] = convert(values[0]!.value, kindAt(schema, name))
    }
  }
  if (problems.length > 0) throw new RequestError(400, problems)
  return result
}

/** Decodes strictly: what `URLSearchParams` would replace or let pass is refused. Throws 400. */
export function parseForm(text: string): [string, string][] {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      const pair = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
      try {
        return pair.map((each) => decodeURIComponent(each.replaceAll('+', ' '))) as [string, string]
      } catch {
        throw new RequestError(400, [`${part.slice(0, 40)}: has broken percent-encoding`])
      }
    })
}

/** Checks and completes; all problems at once, in the words of the original where it has them. */
export function check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  // With the input, to tell what is missing from what is wrong; it goes no further than this.
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  throw new RequestError(400, [...new Set(result.error.issues.flatMap(sayIssue))])
}

function sayIssue(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map((part, index) =>
    typeof part === 'number' ? `[${part}]` : index ? `.${String(part)}` : String(part),
  )
  const field = at.join('') || 'body'
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => `unknown parameter: ${name}`)
  if (issue.code === 'invalid_type' && issue.input === undefined) return [`missing parameter: ${field}`]
  return [`${field}: ${issue.message}`]
}

function kindAt(schema: z.ZodObject, name: string): z.ZodType | undefined {
  const shape: Record<string, z.ZodType> = schema.shape
  return Object.hasOwn(shape, name) ? bare(shape[name]!) : undefined
}

/** Without what makes it optional. */
function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return bare(schema.unwrap() as z.ZodType)
  return schema
}

function listItem(schema: z.ZodType | undefined): z.ZodType | undefined {
  return schema instanceof z.ZodArray ? bare(schema.element as z.ZodType) : undefined
}

function convert(value: string, schema: z.ZodType | undefined): unknown {
  if (schema instanceof z.ZodNumber) return /^[+-]?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  if (schema instanceof z.ZodBoolean) {
    if (value === 'true' || value === '1') return true
    if (value === 'false' || value === '0') return false
  }
  return value
}

/** The same leniency for JSON: `"2"` where a number is asked for, `1` where a boolean is. */
export function fromJson(value: unknown, schema: z.ZodObject): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const result: Record<string, unknown> = Object.create(null)
  for (const [name, each] of Object.entries(value)) {
    const kind = kindAt(schema, name)
    const item = listItem(kind)
    result[name] =
      item && Array.isArray(each)
        ? each.map((one) => soften(one, item))
        : each === null && kind
          ? undefined
          : soften(each, kind)
  }
  return result
}

function soften(value: unknown, schema: z.ZodType | undefined): unknown {
  if (typeof value === 'string' && !(schema instanceof z.ZodString)) return convert(value, schema)
  if (schema instanceof z.ZodBoolean && (value === 0 || value === 1)) return value === 1
  return value
}
