import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { find, fitsXml, parseXml, renderElement, xml } from './xml.ts'

describe('xml', () => {
  it('brings back any text that XML can hold, in values and between tags', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }).filter(fitsXml), (text) => {
        const parsed = parseXml(xml('a', { value: text }, xml('b', {}, text)).toString())
        expect(parsed.attributes['value']).toBe(text)
        expect(find(parsed, 'b')?.text).toBe(text)
      }),
    )
  })

  it('lets no value leave its field', () => {
    const evil = `'/><disk type="block"/><a b='`
    const parsed = parseXml(xml('name', { title: evil }, evil, xml('inner')).toString())
    expect(parsed.children.map((child) => child.name)).toEqual(['inner'])
    expect(parsed.text).toBe(evil)
  })

  it.each(['\0', '\u0001', '\ud800', '\uffff'])('refuses to build with %j', (text) => {
    expect(() => xml('a', {}, text)).toThrow(TypeError)
    expect(fitsXml(text)).toBe(false)
  })

  it('is the same after being parsed and rendered', () => {
    const text = `<domain type='qemu'><name>a &amp; b</name><!-- c --><x:y xmlns:x='urn:z' k='1'/><t><![CDATA[<&>]]></t></domain>`
    const once = renderElement(parseXml(text)).toString()
    expect(parseXml(once)).toEqual(parseXml(text))
  })

  it.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'],
    ['an entity that is not known', '<a>&e;</a>'],
    ['a character that is none', '<a>&#x110000;</a>'],
    ['an element that is not closed', '<a><b></a>'],
    ['a value without quotes', '<a b=c/>'],
    ['an attribute twice', `<a b='1' b='2'/>`],
    ['two documents', '<a/><b/>'],
    ['an end that is too early', '<a>'],
    ['too deep a nest', '<a>'.repeat(200) + '</a>'.repeat(200)],
  ])('refuses %s', (_, text) => {
    expect(() => parseXml(text)).toThrow(SyntaxError)
  })

  it('reads or refuses anything, and never anything else', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      'a',
      ' ',
      '=',
      "'",
      '"',
      '&',
      ';',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '#',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        let problem: unknown
        try {
          parseXml(pieces.join(''))
        } catch (error) {
          problem = error
        }
        expect(problem === undefined || problem instanceof SyntaxError).toBe(true)
      }),
    )
  })
})
