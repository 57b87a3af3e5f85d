import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { exitCodesText } from '../../src/exit-codes.ts'
import { helpText } from '../../src/help-text.ts'
import { runCommand } from '../run-command.ts'
import { renderReference } from './render-reference.ts'
import { topHelp, wholeProgram } from './whole-program.ts'

it('the page of the command line is that of the program; if not: npm run cli-reference', async () => {
  const page = readFileSync(new URL('../../../../docs/reference/cli.md', import.meta.url), 'utf8')
  expect(page).toBe(renderReference(await wholeProgram(), exitCodesText))
  expect(page).toMatch(/^## clusters add$/m)
  expect(page).toMatch(/^## backup restore$/m)
})

it('the help that is kept is that of the program; if not: npm run cli-reference', async () => {
  expect(helpText).toBe(await topHelp())
  expect(Math.max(...helpText.split('\n').map((line) => line.length))).toBeLessThanOrEqual(132)
})

it('as a process: help in each spelling, without the program', async () => {
  for (const args of [['--help'], ['-h'], ['help']])
    expect(await runCommand(args)).toEqual({ code: 0, stdout: helpText, stderr: '' })
})
