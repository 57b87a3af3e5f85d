/** An element: its name, attributes where there are any, and text or further elements. */
export interface XmlElement {
  readonly name: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly content: string | readonly XmlElement[]
}

/** An element with text or children; `undefined` children are left out. */
export function xml(
  name: string,
  content: string | readonly (XmlElement | undefined)[],
  attributes?: Readonly<Record<string, string>>,
): XmlElement {
  const kept = typeof content === 'string' ? content : content.filter((each) => each !== undefined)
  return { name, content: kept, ...(attributes && { attributes }) }
}

/** An XML 1.0 document. Throws on characters that XML cannot hold: values come from checked plans, so that would be our mistake. */
export function renderXml(root: XmlElement, doctype?: string): string {
  const head = ['<?xml version="1.0" encoding="UTF-8"?>', ...(doctype === undefined ? [] : [doctype])]
  return `${[...head, ...linesOf(root)].join('\n')}\n`
}

function linesOf({ name, attributes = {}, content }: XmlElement): string[] {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlText(value)}"`)
  const open = `<${name}${written.join('')}`
  if (typeof content === 'string') return [`${open}>${xmlText(content)}</${name}>`]
  if (content.length === 0) return [`${open}/>`]
  return [`${open}>`, ...content.flatMap(linesOf).map((line) => `  ${line}`), `</${name}>`]
}

/** One text, in an element or between an attribute's quotes (XML 1.0, 2.2 and 2.4). It stays on its line. */
export function xmlText(text: string): string {
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/u.test(text)) throw new Error('a value holds what XML cannot')
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
}
