import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { invalidInput } from '@virtkit/spi'

/** The lines of files as `authorized_keys`. Throws `INVALID_INPUT` for a file that cannot be read, and for a private key. */
export async function readSshKeys(files: readonly string[] = [], cwd: string): Promise<string[]> {
  const keys: string[] = []
  for (const file of files) keys.push(...(await readKeys(file, cwd)))
  return keys
}

async function readKeys(file: string, cwd: string): Promise<string[]> {
  const hint = 'name the file of a public key, such as ~/.ssh/id_ed25519.pub'
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: Error & { code?: string }) => {
    throw invalidInput([{ field: '--ssh-key', problem: `${file} cannot be read (${error.code ?? 'unknown'})`, hint }])
  })
  if (text.includes('PRIVATE KEY')) throw invalidInput([{ field: '--ssh-key', problem: `${file} is a private key`, hint }])
  return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
}
