import { describe, expect, it } from 'vitest'
import { fakeHost, runCommand } from '../test/run-command.ts'
import { runVirtkit } from './run.ts'

describe('a wrong command line exits 2 and says what is wrong', () => {
  it.each([
    ['an unknown command', ['quickstrat'], /unknown command 'quickstrat'[^]*quickstart/],
    ['an unknown option', ['quickstart', '--databse', 'x'], /unknown option '--databse'/],
    ['a port that is none', ['quickstart', '--boot-port', '70000'], /'70000' is invalid.*0 to 65535/],
    ['a port that is no number', ['simulator', 'hypervisor', '--port', 'x'], /'x' is invalid.*whole number/],
    ['a pace that there is not', ['simulator', 'hypervisor', '--pace', 'slow'], /Allowed choices are fast, real/],
    ['a simulator that is no http URL', ['quickstart', '--simulator', 'localhost:7070'], /http:\/\/127\.0\.0\.1:7070/],
    ['a driver check of nothing', ['driver', 'check'], /missing required argument 'module'/],
  ])('%s', async (_, args, text) => {
    const host = fakeHost()
    expect(await runVirtkit(args, host)).toBe(2)
    expect(host.complained).toMatch(text)
    expect(host.printed).toBe('')
  })
})

it('wrong values exit 1 with the field and the way out', async () => {
  const host = fakeHost()
  expect(await runVirtkit(['quickstart', '--database', 'mysql://db'], host)).toBe(1)
  expect(host.complained).toMatch(/^INVALID_INPUT: .*\n {2}--database: .*sqlite:FILE/)
  expect(host.complained).not.toContain(' at ')
})

it('help is no error, and tells the exit codes', async () => {
  const host = fakeHost()
  expect(await runVirtkit(['--help'], host)).toBe(0)
  expect(host.printed).toMatch(/quickstart[^]*simulator[^]*driver[^]*Exit codes:/)
})

it('as a process: the version, at once', async () => {
  expect(await runCommand(['--version'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  })
})
