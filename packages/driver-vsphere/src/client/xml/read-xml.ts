import { XmlError } from './xml-error.ts'
import type { XmlObject } from './xml-tree.ts'
import { checkCharacters, readText } from './xml-text.ts'

/** What stands between `<` and `>` where an element begins. */
interface Tag {
  readonly raw: string
  readonly name: string
  /** What the server says it is: `xsi:type`, without its prefix. */
  readonly type: string | undefined
  /** The kind of managed object that it refers to. */
  readonly moType: string | undefined
}

/** An element that is open. */
interface Frame {
  readonly tag: Tag
  children: Record<string, unknown> | undefined
  /** Names of children that came more than once. */
  lists: Set<string> | undefined
  text: string
}

const maxDepth = 500
const numeric: ReadonlySet<string> = new Set(['int', 'long', 'short', 'byte', 'double', 'float'])
const namePattern = /^[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*$/
const attribute = /\s+([A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y

/**
 * Reads a SOAP answer into plain objects in one pass.
 *
 * Promises: what it reads it reads as any XML parser would, for the part of XML that SOAP 1.1 allows (section 3): a document
 * type, an entity or a cut-off text ends with an `XmlError`, whatever comes after it. Names lose their prefixes, text beside
 * child elements is dropped, and arrays (`ArrayOf…`) are lists.
 *
 * @example
 * ```ts
 * readXml('<a xmlns:xsi="…"><b xsi:type="xsd:int">4</b><b>5</b></a>')    // { a: { b: [4, '5'] } }
 * ```
 */
export function readXml(xml: string): XmlObject {
  checkCharacters(xml)
  const root = openFrame({ raw: '', name: '', type: undefined, moType: undefined })
  // An answer of a megabyte has a few dozen different tags: each is read once.
  const tags = new Map<string, Tag>()
  const open: Frame[] = []
  let top = root
  let position = xml.startsWith('\ufeff') ? 1 : 0
  const begin = position
  for (;;) {
    const tag = xml.indexOf('<', position)
    addText(top, xml.slice(position, tag < 0 ? xml.length : tag), top === root)
    if (tag < 0) break
    const next = xml.charCodeAt(tag + 1)
    if (next === 47) {
      const end = find(xml, '>', tag)
      if (top === root || xml.slice(tag + 2, end).trimEnd() !== top.tag.raw) throw new XmlError('tags that do not match')
      position = end + 1
      const closed = top
      open.pop()
      top = open.at(-1) ?? root
      put(top, closed)
    } else if (next === 33) {
      position = skipMarkup(xml, tag, top, top === root)
    } else if (next === 63) {
      position = skipInstruction(xml, tag, begin)
    } else {
      if (top === root && root.children) throw new XmlError('a second root')
      const end = endOfTag(xml, tag)
      const isEmpty = xml.charCodeAt(end - 1) === 47
      const frame = openFrame(knownTag(tags, xml.slice(tag + 1, isEmpty ? end - 1 : end)))
      position = end + 1
      if (isEmpty) put(top, frame)
      else {
        if (open.length >= maxDepth) throw new XmlError('elements too deep')
        open.push(frame)
        top = frame
      }
    }
  }
  if (top !== root) throw new XmlError('the text ends too early')
  if (!root.children) throw new XmlError('no element')
  return root.children
}

function openFrame(tag: Tag): Frame {
  return { tag, children: undefined, lists: undefined, text: '' }
}

function find(xml: string, what: string, from: number): number {
  const found = xml.indexOf(what, from)
  if (found < 0) throw new XmlError('the text ends too early')
  return found
}

function addText(frame: Frame, raw: string, isOutside: boolean): void {
  if (raw === '') return
  if (isOutside) {
    if (/[^ \t\r\n]/.test(raw)) throw new XmlError('text outside of the root')
    return
  }
  if (raw.includes(']]>')) throw new XmlError('a CDATA end without its begin')
  // What stands between child elements is only looked at: entities are refused there as well.
  const text = readText(raw)
  if (frame.children === undefined) frame.text += text
}

function skipMarkup(xml: string, tag: number, top: Frame, isOutside: boolean): number {
  if (xml.startsWith('<!--', tag)) {
    const end = find(xml, '--', tag + 4)
    if (xml.charCodeAt(end + 2) !== 62) throw new XmlError('a comment that is none')
    return end + 3
  }
  if (xml.startsWith('<![CDATA[', tag) && !isOutside) {
    const end = find(xml, ']]>', tag + 9)
    if (top.children === undefined) top.text += xml.slice(tag + 9, end).replace(/\r\n?/g, '\n')
    return end + 3
  }
  throw new XmlError('a document type, which answers may not have')
}

function skipInstruction(xml: string, tag: number, begin: number): number {
  const end = find(xml, '?>', tag + 2)
  const text = xml.slice(tag + 2, end)
  const [target = ''] = /^[^\s]*/.exec(text) ?? []
  if (!namePattern.test(target)) throw new XmlError('an instruction without a name')
  if (target.toLowerCase() === 'xml') {
    const declaration =
      /^xml\s+version\s*=\s*(["'])1\.\d\1(\s+encoding\s*=\s*(["'])[A-Za-z][\w.-]*\3)?(\s+standalone\s*=\s*(["'])(yes|no)\5)?\s*$/
    if (tag !== begin || !declaration.test(text)) throw new XmlError('an XML declaration out of place')
  }
  return end + 2
}

/** Where the tag ends; a `>` inside of quotes is not its end. */
function endOfTag(xml: string, tag: number): number {
  let quote = 0
  for (let i = tag + 1; i < xml.length; i += 1) {
    const code = xml.charCodeAt(i)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === 34 || code === 39) quote = code
    else if (code === 62) return i
  }
  throw new XmlError('the text ends too early')
}

function knownTag(tags: Map<string, Tag>, text: string): Tag {
  const known = tags.get(text)
  if (known) return known
  const read = readTag(text)
  tags.set(text, read)
  return read
}

function readTag(tag: string): Tag {
  let length = 0
  while (length < tag.length && !isSpace(tag.charCodeAt(length))) length += 1
  const raw = tag.slice(0, length)
  if (!namePattern.test(raw)) throw new XmlError('an element without a name')
  let type: string | undefined
  let moType: string | undefined
  if (length < tag.length) {
    const seen = new Set<string>()
    let position = length
    for (;;) {
      attribute.lastIndex = position
      const found = attribute.exec(tag)
      if (!found) break
      position = attribute.lastIndex
      const name = found[1] ?? ''
      const value = readText(found[2] ?? found[3] ?? '')
      if (seen.has(name)) throw new XmlError('an attribute twice')
      seen.add(name)
      if (name === 'type') moType = value
      else if (name.endsWith(':type')) type = localName(value)
    }
    if (/[^ \t\r\n]/.test(tag.slice(position))) throw new XmlError('attributes that are none')
  }
  return { raw, name: localName(raw), type, moType }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function put(parent: Frame, frame: Frame): void {
  const { name } = frame.tag
  if (name === '__proto__') throw new XmlError('a name that no answer has')
  const value = valueOf(frame)
  parent.children ??= {}
  const { children } = parent
  if (!Object.hasOwn(children, name)) children[name] = value
  else if (parent.lists?.has(name)) (children[name] as unknown[]).push(value)
  else {
    children[name] = [children[name], value]
    parent.lists ??= new Set()
    parent.lists.add(name)
  }
}

function valueOf({ tag: { type, moType }, children, text }: Frame): unknown {
  if (moType !== undefined) return { moType, id: text }
  const isArray = type?.startsWith('ArrayOf') === true
  if (children) {
    if (isArray) {
      const [items] = Object.values(children)
      return Array.isArray(items) ? items : [items]
    }
    if (type !== undefined) children['$type'] = type
    return children
  }
  if (isArray) return []
  if (type === undefined) return text
  if (numeric.has(type)) return Number(text)
  if (type === 'boolean') return text === 'true' || text === '1'
  // A data object of which nothing is set: its type is all that there is.
  return /^[A-Z]/.test(type) && text.trim() === '' ? { $type: type } : text
}
