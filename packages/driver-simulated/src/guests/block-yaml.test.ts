import { describe, expect, it } from 'vitest'
import { YamlError, readYaml } from './block-yaml.ts'

describe('readYaml', () => {
  it('reads maps and lists in block form, one in the other', () => {
    const text = [
      '#cloud-config',
      'autoinstall:',
      '  version: 1 # a comment',
      '  late-commands:',
      '    - echo one: two',
      "    - ['curl', '-fsS', \"http://x/#a\"]",
      '    -',
      '      - nested',
      '  users:',
      '  - name: root',
      '    keys: []',
      '  - name: "other"',
      '  empty:',
      '  map: {a: 1, "b": [x, true], c: null}',
    ].join('\n')
    expect(readYaml(text)).toEqual({
      autoinstall: {
        version: 1,
        'late-commands': [{ 'echo one': 'two' }, ['curl', '-fsS', 'http://x/#a'], ['nested']],
        users: [{ name: 'root', keys: [] }, { name: 'other' }],
        empty: null,
        map: { a: 1, b: ['x', true], c: null },
      },
    })
  })

  it('reads quoted and plain scalars', () => {
    expect(readYaml('a: "x\\ny: #"\nb: \'it\'\'s\'\nc: http://h:80/p#f\nd: 007\ne: "1"\nf: -2.5\ng: ~')).toEqual({
      a: 'x\ny: #',
      b: "it's",
      c: 'http://h:80/p#f',
      d: '007',
      e: '1',
      f: -2.5,
      g: null,
    })
  })

  it('reads block scalars, kept and folded', () => {
    const text = 'list:\n  - |\n    #!/bin/sh\n      indented\n\n    end\n  - >-\n    one\n    two\nafter: |-\n  last\n'
    expect(readYaml(text)).toEqual({ list: ['#!/bin/sh\n  indented\n\nend\n', 'one two'], after: 'last' })
  })

  it('reads JSON over several lines, and nothing', () => {
    expect(readYaml(JSON.stringify({ a: [1, { b: 'c' }], d: {} }, null, 2))).toEqual({ a: [1, { b: 'c' }], d: {} })
    expect(readYaml('# only a comment\n')).toBeNull()
  })

  it.each([
    ['a key twice', 'a: 1\na: 2'],
    ['a wrong indentation', 'a:\n    b: 1\n  c: 2'],
    ['a tab', 'a:\n\tb: 1'],
    ['an open quote', 'a: "x'],
    ['an open bracket', 'a: [1, 2'],
    ['an anchor', 'a: &x 1'],
    ['text behind a value', 'a: "x" y'],
  ])('refuses %s', (_, text) => {
    expect(() => readYaml(text)).toThrow(YamlError)
  })
})
