import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { invalidInput } from '@virtkit/spi'
import type { Host } from '../host.ts'

/** Where a password may come from; never from the command line, which everybody on the machine sees. */
export interface PasswordFlags {
  readonly passwordStdin?: boolean
  readonly passwordFile?: string
}

/**
 * A password from a file, from stdin, from the environment, or asked for. Promises: it is not shown while it is typed. Throws
 * `INVALID_INPUT` where nobody can be asked.
 */
export async function readPassword(
  flags: PasswordFlags,
  { env, stdin, cwd }: Host,
  { variable, question }: { readonly variable: string; readonly question: string },
): Promise<string> {
  if (flags.passwordFile !== undefined)
    return firstLine(await readSecretFile(resolve(cwd, flags.passwordFile), flags.passwordFile))
  if (flags.passwordStdin) return firstLine(await stdin.text())
  const given = env[variable]
  if (given !== undefined && given !== '') return given
  if (stdin.isTTY) return stdin.ask(question, { hidden: true })
  const hint = `put it in ${variable}, or pipe it in with --password-stdin`
  throw invalidInput([{ field: '--password-stdin', problem: 'is missing: there is no terminal to ask at', hint }])
}

async function readSecretFile(path: string, given: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw invalidInput([{ field: '--password-file', problem: `${given} cannot be read (${reason})` }])
  }
}

/** Files and pipes end with a line break that is not meant. */
const firstLine = (text: string): string => text.replace(/\r?\n[^]*$/, '')
