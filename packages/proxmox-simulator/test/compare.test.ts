import { expect, it } from 'vitest'
import { differences } from './compare.ts'

it.each([
  ['a value', { name: 'a' }, { name: 'b' }, ['name: "a" in the recording, "b" here']],
  ['a type', { agent: '1' }, { agent: 1 }, ['agent: "1" in the recording, 1 here']],
  ['a type of what changes', { mem: 1 }, { mem: '1' }, ['mem: another type']],
  ['a key that is missing', { a: 1, b: 2 }, { a: 1 }, ['b: missing']],
  ['a key too many', { a: 1 }, { a: 1, b: 2 }, ['b: not in the recording']],
  ['a list that is shorter', [1, 2], [1], [': 2 in the recording, 1 here']],
  ['a digest that is none', { digest: 'a'.repeat(40) }, { digest: 'x' }, ['digest: "DIGEST" in the recording, "x" here']],
])('notices %s', (_, recorded, ours, problems) => {
  expect(differences(recorded, ours)).toEqual(problems)
})

it('takes what is made up anew, and the order of lists by name, as the same', () => {
  const upid = (pid: string): string => `UPID:pve1:${pid}:0004E3CB:6B03FAA2:qmcreate:102:root@pam!t1:`
  const recorded = [
    { name: 'b', upid: upid('0000056B') },
    { name: 'a', mem: 1 },
  ]
  expect(
    differences(recorded, [
      { name: 'a', mem: 2 },
      { name: 'b', upid: upid('0000AAAA') },
    ]),
  ).toEqual([])
})
