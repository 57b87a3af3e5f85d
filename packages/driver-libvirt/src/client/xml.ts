/** An element of an XML document: its attributes, its elements and its text. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** The text directly in it, put together. */
  readonly text: string
}

/** What `xml` takes as content: undefined and false are left out. */
export type XmlContent = XmlFragment | string | number | undefined | false | readonly XmlContent[]

/** Text that is XML already; only `xml` makes it, so that no other text gets into a document unescaped. */
export class XmlFragment {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

/**
 * Builds an element. Every value is escaped, and what XML cannot hold is refused (`TypeError`).
 *
 * @example
 * ```ts
 * xml('disk', { type: 'file' }, xml('source', { file: path })).toString()
 * ```
 */
export function xml(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  ...content: readonly XmlContent[]
): XmlFragment {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}='${escape(String(value))}'`)
    .join('')
  const inner = content.map(render).join('')
  return new XmlFragment(inner === '' ? `<${name}${given}/>` : `<${name}${given}>${inner}</${name}>`)
}

/** An element that was parsed, as it was. */
export function renderElement(element: XmlElement): XmlFragment {
  return xml(element.name, element.attributes, ...element.children.map(renderElement), element.text.trim() && element.text)
}

function render(content: XmlContent): string {
  if (content === undefined || content === false) return ''
  if (content instanceof XmlFragment) return content.toString()
  return typeof content === 'object' ? content.map(render).join('') : escape(String(content))
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function escape(text: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly those are what XML 1.0 cannot hold
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text) || !text.isWellFormed()) {
    throw new TypeError('the text holds a character that XML cannot hold')
  }
  return text.replaceAll(/[&<>'"\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`)
}

/** Whether XML can hold it, and libvirt too. */
export function fitsXml(text: string): boolean {
  try {
    escape(text)
    return true
  } catch {
    return false
  }
}

const names = /[A-Za-z_][\w:.-]*/y

/**
 * Reads a document: elements, attributes, text, comments and CDATA. Entities are the five of XML and numbers.
 * Throws `SyntaxError` for anything else, a document type above all: what it could define is never looked at.
 */
export function parseXml(text: string): XmlElement {
  const parser = new Parser(text)
  return parser.document()
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): XmlElement {
    this.#between()
    const root = this.#element(0)
    this.#between()
    if (this.#at < this.#text.length) throw this.#wrong('there is something after the document')
    return root
  }

  #element(depth: number): XmlElement {
    if (depth > 100) throw this.#wrong('it is nested too deeply')
    this.#expect('<')
    const name = this.#name()
    const attributes: Record<string, string> = {}
    for (;;) {
      const spaced = this.#space()
      if (this.#skip('/>')) return { name, attributes, children: [], text: '' }
      if (this.#skip('>')) break
      if (!spaced) throw this.#wrong('an attribute must follow a space')
      const key = this.#name()
      if (Object.hasOwn(attributes, key)) throw this.#wrong(`${key} is there twice`)
      this.#space()
      this.#expect('=')
      this.#space()
      attributes[key] = this.#quoted()
    }
    const children: XmlElement[] = []
    let content = ''
    for (;;) {
      if (this.#skip('</')) break
      if (this.#skip('<!--')) this.#until('-->')
      else if (this.#skip('<![CDATA[')) content += this.#until(']]>')
      else if (this.#text.startsWith('<', this.#at)) children.push(this.#element(depth + 1))
      else content += this.#plain()
    }
    if (this.#name() !== name) throw this.#wrong(`${name} is not closed`)
    this.#space()
    this.#expect('>')
    return { name, attributes, children, text: content }
  }

  #between(): void {
    for (;;) {
      this.#space()
      if (this.#skip('<?')) this.#until('?>')
      else if (this.#skip('<!--')) this.#until('-->')
      else return
    }
  }

  #plain(): string {
    const end = this.#text.indexOf('<', this.#at)
    if (end === -1) throw this.#wrong('it ends too early')
    const raw = this.#text.slice(this.#at, end)
    this.#at = end
    return this.#decoded(raw)
  }

  #quoted(): string {
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") throw this.#wrong('a value must be quoted')
    this.#at += 1
    const raw = this.#until(quote)
    if (raw.includes('<')) throw this.#wrong('a value holds <')
    return this.#decoded(raw)
  }

  #decoded(raw: string): string {
    return raw.replaceAll(/&([^;&]{0,10})(;?)/g, (_, entity: string, end: string) => {
      const number = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(entity)
      const code = number && Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10)
      const char = code === null ? entities[entity] : code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
      if (end !== ';' || char === undefined) throw this.#wrong(`&${entity}; is not known`)
      return char
    })
  }

  #name(): string {
    names.lastIndex = this.#at
    const found = names.exec(this.#text)?.[0]
    if (found === undefined) throw this.#wrong('a name is missing')
    this.#at += found.length
    return found
  }

  #space(): boolean {
    const from = this.#at
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1
    return this.#at > from
  }

  #until(end: string): string {
    const at = this.#text.indexOf(end, this.#at)
    if (at === -1) throw this.#wrong(`${end} is missing`)
    const part = this.#text.slice(this.#at, at)
    this.#at = at + end.length
    return part
  }

  #skip(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  #expect(token: string): void {
    if (!this.#skip(token)) throw this.#wrong(`${token} is missing`)
  }

  #wrong(problem: string): SyntaxError {
    return new SyntaxError(`not XML that is read here: ${problem} (at ${this.#at})`)
  }
}

/** The first element at a path: `find(domain, 'os', 'loader')`. */
export function find(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((at, name) => at?.children.find((child) => child.name === name), element)
}

export function all(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}
