import { expect, it } from 'vitest'
import { commandOperations } from './command-operations.ts'
import { readCommand } from './command.ts'

const command = { id: 'a-1', version: 1, operation: 'virtualMachines.poweron', input: { key: 3 } }

it('reads a command, with what may go along', () => {
  const more = { token: 't', traceparent: '00-a-b-01', attempt: 2 }
  expect(readCommand({ ...command, ...more })).toEqual({ command: { ...command, ...more } })
  expect(readCommand({ id: 'a', version: 1, operation: 'x.y' })).toMatchObject({ command: { input: {} } })
})

it.each([
  ['text', 'hello', /^message/],
  ['nothing', null, /^message/],
  ['a list', [], /^message/],
  ['no id', { ...command, id: undefined }, /^id/],
  ['an id that HTTP could not carry', { ...command, id: 'a b' }, /^id/],
  ['an id of two hundred and one', { ...command, id: 'a'.repeat(201) }, /^id/],
  ['no version', { ...command, version: undefined }, /^version/],
  ['input in words', { ...command, input: 'key 3' }, /^input/],
  ['what nobody knows', { ...command, colour: 'red' }, /colour/],
])('%s is no command', (_, body, problem) => {
  const read = readCommand(body)
  expect(read).toMatchObject({ isNewer: false })
  expect('problems' in read && read.problems.join('\n')).toMatch(problem)
})

it('a newer version is left to those who may understand it', () => {
  expect(readCommand({ version: 2, anything: true })).toEqual({
    problems: ['version: 2 is not spoken here, but 1'],
    isNewer: true,
  })
})

it('a queue takes the life of machines, and nothing else unless it is named', () => {
  const usual = [...commandOperations().keys()]
  expect(usual).toEqual(
    expect.arrayContaining(['virtualMachines.create', 'virtualMachines.install', 'virtualMachines.remove']),
  )
  expect(usual.filter((name) => /^(users|destroy|backup|token|setting|clusterCredentials)\b/.test(name))).toEqual([])
  expect(usual.filter((name) => /\.(list|get|info)$/.test(name))).toEqual([])
  expect([...commandOperations(['users.create']).keys()]).toEqual(['users.create'])
  expect(() => commandOperations(['virtualMachines.list'])).toThrow('virtualMachines.list')
})
