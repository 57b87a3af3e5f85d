import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { readXml } from '../src/client/xml/read-xml.ts'
import { XmlError } from '../src/client/xml/xml-error.ts'
import { writeElement } from '../src/client/xml/write-xml.ts'

describe('what a SOAP answer may not have', () => {
  it.each([
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an entity that is defined', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['a document type after the declaration', '<?xml version="1.0"?>\n<!DOCTYPE a><a/>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['half an answer', '<a><b>text</b>'],
    ['half a tag', '<a><b attribute="'],
    ['tags that cross', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a/>more'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['a character that is none', '<a>&#0;</a>'],
    ['a name that reaches for the prototype', '<a><__proto__>1</__proto__></a>'],
    ['a thousand levels', '<a>'.repeat(1000) + '</a>'.repeat(1000)],
    ['nothing', ''],
  ])('is refused: %s', (_, xml) => {
    expect(() => readXml(xml)).toThrow(XmlError)
  })
})

describe('what is read', () => {
  it('is values by their types, references, lists and arrays', () => {
    const xml = `<r xmlns:xsi="i" xmlns:xsd="d"><n xsi:type="xsd:int">4</n><f xsi:type="xsd:boolean">true</f>
      <m type="VirtualMachine">vm-1</m><a xsi:type="ArrayOfString"><string>one</string></a><e xsi:type="ArrayOfString"/>
      <l>1</l><l>2</l><d xsi:type="Description"><label>x</label></d></r>`
    expect(readXml(xml)).toEqual({
      r: {
        n: 4,
        f: true,
        m: { moType: 'VirtualMachine', id: 'vm-1' },
        a: ['one'],
        e: [],
        l: ['1', '2'],
        d: { label: 'x', $type: 'Description' },
      },
    })
  })

  it('is what was written, whatever the text', () => {
    for (const text of ['<&>"\'', 'größer → ✓', '𝔘\u0301', 'line\r\nline', ']]>', '&amp;', ' ']) {
      expect(readXml(writeElement('a', text))).toEqual({ a: text })
    }
  })
})

describe('held against a second parser', () => {
  it('10,000 documents from a seed, whole and broken: what ours reads the other reads, and as the same', () => {
    const random = seeded(20_260_726)
    let read = 0
    let refused = 0
    for (let i = 0; i < 10_000; i += 1) {
      const whole = element(random, 0)
      const xml = random() < 0.5 ? whole : broken(whole, random)
      const ours = attempt(() => JSON.stringify(readXml(xml)))
      if (ours === undefined) {
        refused += 1
        continue
      }
      read += 1
      expect({ xml, tree: ours }).toEqual({ xml, tree: attempt(() => JSON.stringify(second(xml))) })
    }
    expect(read).toBeGreaterThan(5000)
    expect(refused).toBeGreaterThan(1500)
  })

  it('what the other refuses, ours refuses too', () => {
    const random = seeded(7)
    let refused = 0
    for (let i = 0; i < 4000; i += 1) {
      const xml = broken(element(random, 0), random)
      if (attempt(() => second(xml)) !== undefined) continue
      refused += 1
      expect({ xml, ours: attempt(() => readXml(xml)) }).toEqual({ xml, ours: undefined })
    }
    expect(refused).toBeGreaterThan(1000)
  })
})

type Tree = { readonly [name: string]: unknown } | string

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

const names = ['a', 'b', 'vim:c', 'd.e-f']
const texts = ['', 'text', ' ', '&amp;', '&#65;', '&#x1F600;', 'größer', '<![CDATA[<&]]>', '<!-- note -->', '\r\n', '\t']
const breaks = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '/',
  '=',
  '<!',
  ']]>',
  '--',
  '<?',
  '?>',
  '&x;',
  '&#0;',
  '\u0000',
  ' ',
  '<!DOCTYPE a>',
  '</a>',
  '<a>',
]

function element(random: () => number, depth: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const name = pick(names)
  const space = random() < 0.3 ? pick([' ', '\n', '\t']) : ''
  const attributes = random() < 0.3 ? ` x${space}=${space}"${pick(['', '1', '&lt;', "'"])}"` : ''
  if (random() < 0.15) return `<${name}${attributes}${space}/>`
  const inner = Array.from({ length: Math.floor(random() * 4) }, () =>
    random() < 0.5 && depth < 5 ? element(random, depth + 1) : pick(texts),
  ).join('')
  return `<${name}${attributes}${space}>${inner}</${name}${space}>`
}

function broken(xml: string, random: () => number): string {
  const at = Math.floor(random() * xml.length)
  const cut = random() < 0.5 ? 0 : 1 + Math.floor(random() * 3)
  return xml.slice(0, at) + (random() < 0.7 ? breaks[Math.floor(random() * breaks.length)] : '') + xml.slice(at + cut)
}

/** The same tree by saxes. */
function second(xml: string): Tree {
  const parser = new SaxesParser({ xmlns: false, position: false })
  const open: { name: string; children: Record<string, unknown> | undefined; text: string }[] = [
    { name: '', children: undefined, text: '' },
  ]
  parser.on('error', (error) => {
    throw error
  })
  parser.on('doctype', () => {
    throw new Error('a document type')
  })
  parser.on(
    'opentag',
    ({ name }) => void open.push({ name: name.slice(name.indexOf(':') + 1), children: undefined, text: '' }),
  )
  const addText = (text: string): void => {
    const top = open.at(-1)
    if (top && !top.children) top.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const { name, children, text } = open.pop() ?? { name: '', children: undefined, text: '' }
    const parent = open.at(-1)
    if (!parent) throw new Error('nothing is open')
    parent.children ??= {}
    const value = children ?? text
    const before = parent.children[name]
    parent.children[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  })
  parser.write(xml).close()
  return (open[0]?.children ?? '') as Tree
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
