import { invalidParameters } from '../api-error.ts'
import { type Format, formats } from './formats.ts'

/** What one parameter may be; the words are those of the original's own description of its API. */
export interface Parameter {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array'
  readonly optional?: true
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: RegExp
  readonly format?: Format
  /** Another parameter that must be there with it. */
  readonly requires?: string
}

/** By name; `net[n]` stands for `net0`, `net1`, and so on. */
export type Parameters = Readonly<Record<string, Parameter>>

/** As they came: from the path, the query or the body. */
export type RawParams = Readonly<Record<string, string | readonly string[]>>

type Details = Omit<Parameter, 'type' | 'optional'>

export const text = (details: Details = {}): Parameter => ({ type: 'string', ...details })
export const whole = (minimum?: number, maximum?: number): Parameter => ({
  type: 'integer',
  ...(minimum !== undefined && { minimum }),
  ...(maximum !== undefined && { maximum }),
})
export const decimal = (minimum?: number, maximum?: number): Parameter => ({ ...whole(minimum, maximum), type: 'number' })
export const flag: Parameter = { type: 'boolean' }
export const oneOf = (...words: string[]): Parameter => ({ type: 'string', enum: words })
export const many: Parameter = { type: 'array' }

/** Marks each as one that may be left out. */
export function optional(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, { ...parameter, optional: true }]))
}

/** The parameter that a name stands for. */
export function parameterNamed(parameters: Parameters, name: string): Parameter | undefined {
  return parameters[name] ?? (/\d$/.test(name) ? parameters[name.replace(/\d+$/, '[n]')] : undefined)
}

/** Checks all of them and tells of all that is wrong at once. */
export function checkParameters(parameters: Parameters, given: RawParams): Params {
  const errors: Record<string, string> = {}
  const values = new Map<string, string | readonly string[]>()
  for (const [name, value] of Object.entries(given)) {
    const parameter = parameterNamed(parameters, name)
    if (!parameter) {
      errors[name] = 'property is not defined in schema and the schema does not allow additional properties'
      continue
    }
    if (parameter.requires !== undefined && !(parameter.requires in given)) {
      errors[parameter.requires] = `missing property - '${name}' requires this property`
    }
    if (parameter.type === 'array') {
      values.set(name, typeof value === 'string' ? [value] : value)
      continue
    }
    const single = typeof value === 'string' ? value : value.join('\0')
    const problem = problemOf(parameter, single)
    if (problem === undefined) values.set(name, settled(parameter, single))
    else errors[name] = problem
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    if (!parameter.optional && !(name in given)) errors[name] = 'property is missing and it is not optional'
  }
  if (Object.keys(errors).length > 0) throw invalidParameters(errors)
  return new Params(values)
}

const yes = /^(?:1|on|yes|true)$/i
const no = /^(?:0|off|no|false)$/i

function settled({ type }: Parameter, value: string): string {
  return type === 'boolean' ? (yes.test(value) ? '1' : '0') : value
}

function problemOf(parameter: Parameter, value: string): string | undefined {
  const { type, minimum, maximum, minLength, maxLength } = parameter
  const isRight = { string: /^/, integer: /^[+-]?\d+$/, number: /^[+-]?\d+(?:\.\d+)?$/, boolean: /^/, array: /^/ }[
    type
  ].test(value)
  if (!isRight || (type === 'boolean' && !yes.test(value) && !no.test(value))) {
    return `type check ('${type}') failed - got '${value}'`
  }
  if (type === 'integer' || type === 'number') {
    if (minimum !== undefined && Number(value) < minimum) return `value must have a minimum value of ${minimum}`
    if (maximum !== undefined && Number(value) > maximum) return `value must have a maximum value of ${maximum}`
  }
  if (minLength !== undefined && value.length < minLength) return `value must be at least ${minLength} characters long`
  if (maxLength !== undefined && value.length > maxLength) return `value may only be ${maxLength} characters long`
  if (parameter.pattern && !new RegExp(`^(?:${parameter.pattern.source})$`, parameter.pattern.flags).test(value)) {
    return 'value does not match the regex pattern'
  }
  if (parameter.enum && !parameter.enum.includes(value)) {
    return `value '${value}' does not have a value in the enumeration '${parameter.enum.join(', ')}'`
  }
  const wrong = parameter.format === undefined || value === '' ? undefined : formats[parameter.format](value)
  return wrong === undefined ? undefined : `invalid format - ${wrong}\n`
}

/** Parameters that have been checked. */
export class Params {
  readonly #values: ReadonlyMap<string, string | readonly string[]>

  constructor(values: ReadonlyMap<string, string | readonly string[]>) {
    this.#values = values
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  find(name: string): string | undefined {
    const value = this.#values.get(name)
    return value === undefined || typeof value === 'string' ? value : value[0]
  }

  /** Of one that is required, or has this for when it is not there. */
  text(name: string, otherwise = ''): string {
    return this.find(name) ?? otherwise
  }

  number(name: string, otherwise = 0): number {
    return Number(this.find(name) ?? otherwise)
  }

  flag(name: string): boolean {
    return this.find(name) === '1'
  }

  all(name: string): readonly string[] {
    const value = this.#values.get(name)
    return value === undefined ? [] : typeof value === 'string' ? [value] : value
  }

  /** The original takes lists with commas, semicolons, spaces or zero bytes between. */
  list(name: string): string[] {
    return this.text(name)
      .split(/[,;\s\0]+/)
      .filter((part) => part !== '')
  }

  entries(): [string, string][] {
    return [...this.#values].map(([name, value]) => [name, typeof value === 'string' ? value : value.join('\0')])
  }
}
