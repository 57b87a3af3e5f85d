import { type InputProblem, invalidInput } from '@virtkit/spi'
import type { z } from 'zod'

export interface InputWords {
  /** What the whole input is called when no field can be named. Default `input`. */
  readonly root?: string
  /** What to do next, for all of it. */
  readonly hint?: string
}

/**
 * Checks input from outside. Throws `INVALID_INPUT` with every problem, each with the path of its field as the caller wrote it;
 * values are never repeated.
 *
 * @example
 * ```ts
 * const network = parseWith(networkSchema, input)   // networks[0].cidr: must be a string
 * ```
 */
export function parseWith<T>(schema: z.ZodType<T>, input: unknown, words: InputWords = {}): T {
  const result = schema.safeParse(input, { error: plainWords })
  if (result.success) return result.data
  throw invalidInput(problemsOf(result.error, words.root), words.hint)
}

/** What a schema found wrong, in our words. */
export function problemsOf(error: z.ZodError, root = 'input'): InputProblem[] {
  return error.issues.flatMap((issue) => toProblems(issue, issue.path, root))
}

/** Writes a path as one would in a program: `networks[0].cidr`. */
export function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    '',
  )
}

function toProblems(issue: z.core.$ZodIssue, path: readonly PropertyKey[], root: string): InputProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({ field: fieldOf([...path, name]), problem: 'there is no such field' }))
  }
  const meant = issue.code === 'invalid_union' ? meantBranch(issue) : undefined
  if (meant) return meant.flatMap((inner) => toProblems(inner, [...path, ...inner.path], root))
  return [{ field: fieldOf(path) || root, problem: issue.message }]
}

/** The one alternative whose shape fits and only whose values do not: its problems say more than those of the choice. */
function meantBranch(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | undefined {
  const fitting = issue.errors.filter((branch) =>
    branch.every((inner) => inner.code !== 'unrecognized_keys' && inner.path.length > 0),
  )
  return fitting.length === 1 ? fitting[0] : undefined
}

/** Words for what a schema has no words of its own for. */
function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'is missing'
  const number = issue.code === 'too_small' || issue.code === 'too_big' ? unitOf(issue.origin) : ''
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${names[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'too_small':
      return issue.origin === 'string' && issue.minimum === 1
        ? 'must not be empty'
        : `must be at least ${issue.minimum}${number}`
    case 'too_big':
      return `must be at most ${issue.maximum}${number}`
    default:
      return undefined
  }
}

const names: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters long' : origin === 'array' ? ' entries long' : ''
}
