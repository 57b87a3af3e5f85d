import { fetchPrograms } from './fetch-programs.ts'
import { filePrograms } from './file-programs.ts'
import type { ProgramInput, ProgramResult, ShellProgram } from './shell-host.ts'
import { systemPrograms } from './system-programs.ts'
import { textPrograms } from './text-programs.ts'

const programs: Readonly<Record<string, ShellProgram>> = {
  ...filePrograms,
  ...textPrograms,
  ...fetchPrograms,
  ...systemPrograms,
}

/** Runs a program by its name or path: one that a system has, or a script among its files. */
export async function runProgram(name: string, args: readonly string[], input: ProgramInput): Promise<ProgramResult> {
  const { host } = input
  const plain = /^\/(?:usr\/)?(?:local\/)?s?bin\/([\w.-]+)$/.exec(name)?.[1] ?? name
  const text = name.includes('/') ? host.files.read(name) : undefined
  if (text?.startsWith('#!')) return input.script(text, args)
  const program = host.programs?.[plain] ?? (Object.hasOwn(programs, plain) ? programs[plain] : undefined)
  const missing = (plain === 'wget' || plain === 'curl') && !host.tools.has(plain)
  if (!program || missing) return { status: 127, error: `sh: ${name}: not found` }
  return program(args, input)
}
