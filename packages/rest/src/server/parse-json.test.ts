import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from './parse-json.ts'

describe('JSON that parsers agree on', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        const value = JSON.parse(text) as unknown
        expect(parseJson(text)).toEqual(value)
        expect(parseJson(JSON.stringify(value, null, 2))).toEqual(value)
      }),
    )
  })

  it('may have the same name in two objects, and brackets and quotes in texts', () => {
    expect(parseJson('{"a":{"b":1},"c":[{"b":2},{"b":3}],"d":"{\\"a\\":[,:"}')).toEqual({
      a: { b: 1 },
      c: [{ b: 2 }, { b: 3 }],
      d: '{"a":[,:',
    })
  })

  it.each([
    ['{"a":1,"a":2}', 'a: is given twice'],
    ['{"a":1,"\\u0061":2}', 'a: is given twice'],
    ['[{"x":[{"deep":1,"deep":1}]}]', 'deep: is given twice'],
    ['{"__proto__":1,"__proto__":2}', '__proto__: is given twice'],
    ['{"a":"\\u0000"}', 'body: has a text with NUL or half a character'],
    ['{"\\u0000":1}', 'body: has a text with NUL or half a character'],
    ['"\\ud800"', 'body: has a text with NUL or half a character'],
    ['{"a":1', 'body: is no JSON'],
    ['{"a":1}}', 'body: is no JSON'],
    ["{'a':1}", 'body: is no JSON'],
    ['{"a":NaN}', 'body: is no JSON'],
    ['"unended', 'body: is no JSON'],
    ['\u{feff}{}', 'body: is no JSON'],
    ['[1,,2]', 'body: is no JSON'],
    ['['.repeat(33) + ']'.repeat(33), 'body: is nested deeper than 32'],
    ['{"a":'.repeat(500_000), 'body: is nested deeper than 32'],
  ])('is not %.40s', (text, problem) => {
    expect(() => parseJson(text)).toThrow(problem)
  })

  it('is refused or read, whatever comes', () => {
    const parts = fc.constantFrom(...'{}[]",:\\1- ', 'true', '"a"', '"a":', '\\u0000')
    const any = fc.oneof(
      fc.string(),
      fc.array(parts).map((each) => each.join('')),
    )
    fc.assert(
      fc.property(any, (text) => {
        try {
          parseJson(text)
        } catch (error) {
          expect(error).toMatchObject({ status: 400 })
        }
      }),
      { numRuns: 1000 },
    )
  })
})
