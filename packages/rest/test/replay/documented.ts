import { readFileSync } from 'node:fs'

/** The original's documentation as data. */
export interface DocumentedOperation {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly bearer: boolean
  readonly params: readonly { readonly name: string; readonly type: string; readonly required: boolean }[]
  readonly result: null | {
    readonly format: string
    readonly shape: 'object' | 'array'
    readonly fields: readonly { readonly name: string; readonly type: string }[]
  }
}

export const documented: readonly DocumentedOperation[] = (
  JSON.parse(readFileSync(new URL('../operations.json', import.meta.url), 'utf8')) as Omit<
    DocumentedOperation,
    'operation'
  >[]
).map((each) => ({ ...each, operation: `${each.method.toLowerCase()} ${each.path}` }))

const isInteger = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value)
const isText = (value: unknown): boolean => typeof value === 'string'
const isListOf =
  (isOne: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isOne)

/** The documentation's types, as JSON has them. */
const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  int: isInteger,
  int64: isInteger,
  timestamp: isInteger,
  duration: isInteger,
  bool: (value) => typeof value === 'boolean',
  string: isText,
  'net.IP': isText,
  '[]int': isListOf(isInteger),
  '[]string': isListOf(isText),
  '[]interfaces.NetStatus': isListOf((value) => typeof value === 'object' && value !== null && 'name' in value),
}

/** What of an answer is not as documented: fields that are missing, and fields of another type. */
export function differences(operation: DocumentedOperation, body: unknown): string[] {
  const { result } = operation
  if (!result || result.format !== 'json') return []
  if (result.shape === 'array' && !Array.isArray(body)) return ['the answer is no array']
  const items: readonly unknown[] = Array.isArray(body) ? body : [body]
  if (result.shape === 'array' && items.length === 0) return ['the array is empty: nothing was checked']
  return items.flatMap((item) =>
    result.fields.flatMap(({ name, type }) => {
      const fits = types[type]
      if (!fits) return [`${name}: nobody knows the type ${type}`]
      if (typeof item !== 'object' || item === null || !(name in item)) return [`${name}: is missing`]
      const value = (item as Record<string, unknown>)[name]
      return fits(value) ? [] : [`${name}: ${JSON.stringify(value)} is no ${type}`]
    }),
  )
}
