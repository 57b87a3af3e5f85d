import type { Command } from 'commander'
import { createProgram } from '../../src/program.ts'
import { runVirtkit } from '../../src/run.ts'
import { fakeHost } from '../run-command.ts'

/** The program with the verbs of all nouns; its commands do nothing. */
export function wholeProgram(): Promise<Command> {
  return createProgram(fakeHost(), async () => {}, 'everything')
}

/** What `virtkit --help` prints when the program itself is asked. */
export async function topHelp(): Promise<string> {
  const host = fakeHost()
  await runVirtkit(['--help'], host)
  return host.printed
}
