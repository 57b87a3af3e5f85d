import { isMoRef } from './xml-tree.ts'

/** A value of an element without a type of its own (`xsd:anyType`): the server must be told what it is. */
export class AnyValue {
  readonly type: string
  readonly value: string | number | boolean

  constructor(type: 'xsd:string' | 'xsd:int' | 'xsd:boolean', value: string | number | boolean) {
    this.type = type
    this.value = value
  }
}

/** Values of a request. Keys are written in their order, which has to be that of the schema. */
export interface VimArguments {
  readonly [name: string]: unknown
}

/** A data object where the schema names only its base: `typed('VirtualDisk', { key: -1, … })`. */
export function typed(type: string, fields: VimArguments): VimArguments {
  return { $type: type, ...fields }
}

/** Writes one element: lists as one element each, references with their kind, what is undefined not at all. */
export function writeElement(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map((each) => writeElement(name, each)).join('')
  if (isMoRef(value)) return `<${name} type="${escapeXml(value.moType)}">${escapeXml(value.id)}</${name}>`
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`
  if (value instanceof AnyValue) return `<${name} xsi:type="${value.type}">${escapeXml(String(value.value))}</${name}>`
  if (typeof value !== 'object') return `<${name}>${escapeXml(String(value))}</${name}>`
  const { $type, ...fields } = value as VimArguments
  const attribute = typeof $type === 'string' ? ` xsi:type="${$type}"` : ''
  return `<${name}${attribute}>${writeFields(fields)}</${name}>`
}

export function writeFields(fields: VimArguments): string {
  return Object.entries(fields)
    .map(([name, value]) => writeElement(name, value))
    .join('')
}

const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', '\r': '&#13;' }

/** Characters that XML has no place for become U+FFFD: a server would refuse the whole request. */
function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[<>&"\r]/g, (character) => escapes[character] ?? character)
  )
}
