import { XmlError } from './xml-error.ts'

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Characters that XML 1.0 has no place for. */
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/** Throws for characters that no document may hold. */
export function checkCharacters(text: string): void {
  if (forbidden.test(text)) throw new XmlError('a character that XML does not allow')
}

/** Text as the element means it: line ends are one kind, the five entities and numbers are characters; no others exist. */
export function readText(raw: string): string {
  const text = raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw
  if (!text.includes('&')) return text
  return text.replace(/&([^;&]*)(;?)/g, (_, name: string, end: string) => {
    if (end === '') throw new XmlError('an & that begins nothing')
    return name.startsWith('#') ? characterOf(name) : (entities[name] ?? unknownEntity())
  })
}

function characterOf(name: string): string {
  const code = /^#x[0-9a-fA-F]{1,6}$/.test(name)
    ? Number.parseInt(name.slice(2), 16)
    : /^#[0-9]{1,7}$/.test(name)
      ? Number(name.slice(1))
      : -1
  if (code < 1 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new XmlError('no such character')
  const character = String.fromCodePoint(code)
  checkCharacters(character)
  return character
}

function unknownEntity(): never {
  throw new XmlError('an entity, which answers may not have')
}
