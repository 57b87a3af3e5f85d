import { expect, test } from 'vitest'
import { renderYaml } from './yaml.ts'

test('maps, lists and scalars nest by indentation, and what is undefined is left out', () => {
  const text = renderYaml({
    a: 1,
    gone: undefined,
    list: ['x: y', true, { k: 'v', deep: { n: [] } }],
    none: {},
    '1 b': [[1, 2]],
  })
  expect(text).toBe(
    [
      'a: 1',
      'list:',
      '  - "x: y"',
      '  - true',
      '  - k: "v"',
      '    deep:',
      '      n: []',
      'none: {}',
      '"1 b":',
      '  - - 1',
      '    - 2',
      '',
    ].join('\n'),
  )
})
