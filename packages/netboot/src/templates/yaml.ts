import { yamlScalar } from './quoting.ts'

export type YamlValue = string | number | boolean | readonly YamlValue[] | YamlMap
export interface YamlMap {
  readonly [key: string]: YamlValue | undefined
}

/** A block-style YAML document. Every string is quoted, so that none can be read as anything else. */
export function renderYaml(map: YamlMap): string {
  return `${mapLines(map).join('\n')}\n`
}

function mapLines(map: YamlMap): string[] {
  return Object.entries(map).flatMap(([key, value]) => (value === undefined ? [] : entryLines(`${plainKey(key)}:`, value)))
}

function listLines(list: readonly YamlValue[]): string[] {
  return list.flatMap((item) => {
    if (isScalar(item)) return [`- ${yamlScalar(item)}`]
    const [first, ...rest] = isList(item) ? listLines(item) : mapLines(item)
    return [`- ${first ?? (isList(item) ? '[]' : '{}')}`, ...rest.map((line) => `  ${line}`)]
  })
}

function entryLines(head: string, value: YamlValue): string[] {
  if (isScalar(value)) return [`${head} ${yamlScalar(value)}`]
  const lines = isList(value) ? listLines(value) : mapLines(value)
  if (lines.length === 0) return [`${head} ${isList(value) ? '[]' : '{}'}`]
  return [head, ...lines.map((line) => `  ${line}`)]
}

function plainKey(key: string): string {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(key) ? key : yamlScalar(key)
}

function isScalar(value: YamlValue): value is string | number | boolean {
  return typeof value !== 'object'
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value)
}
