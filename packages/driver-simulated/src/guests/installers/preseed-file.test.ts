import { describe, expect, it } from 'vitest'
import { readPreseed } from './preseed-file.ts'

describe('readPreseed', () => {
  it('reads answers, continued lines and empty values', () => {
    const text =
      '# d-i x/y string commented\nd-i a/b string one  two # kept\nd-i c/d string x; \\\n  y\nd-i e/f note\nd-i g/h string \n  d-i a/i boolean true\n'
    expect(Object.fromEntries(readPreseed(text))).toEqual({
      'a/b': 'one  two # kept',
      'c/d': 'x;   y',
      'e/f': '',
      'g/h': '',
      'a/i': 'true',
    })
  })

  it.each(['d-i only/two', 'd-i a/b strung x', 'd-i a/b boolean yes'])('refuses %s', (line) => {
    expect(() => readPreseed(`d-i a/a string x\n${line}\n`)).toThrow('line 2')
  })
})
