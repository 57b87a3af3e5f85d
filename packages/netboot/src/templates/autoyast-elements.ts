import { type XmlElement, xml } from './xml.ts'

/** YaST wants to be told what is not text. */
export function bool(name: string, value: boolean): XmlElement {
  return xml(name, String(value), { 'config:type': 'boolean' })
}

export function list(name: string, items: readonly XmlElement[]): XmlElement {
  return xml(name, items, { 'config:type': 'list' })
}
