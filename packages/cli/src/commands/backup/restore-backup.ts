import { openAsBlob } from 'node:fs'
import { resolve } from 'node:path'
import { invalidInput } from '@virtkit/spi'
import { confirm } from '../../connection/confirm.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'
import { type PassphraseFlags, passphraseHeaders } from './passphrase.ts'

/** The file is read as it is sent. */
export async function restoreBackup(
  { client, output, host }: Session,
  file: string,
  { yes, ...flags }: PassphraseFlags & { readonly yes?: boolean },
): Promise<void> {
  const backup = await openAsBlob(resolve(host.cwd, file)).catch((error: Error & { code?: string }) => {
    throw invalidInput([{ field: 'file', problem: `${file} cannot be read (${error.code ?? 'unknown'})` }])
  })
  const question = `Replace everything that the installation holds by what is in ${file}?`
  await confirm(host, { ...(yes !== undefined && { yes }), question })
  const headers = await passphraseHeaders(flags, host)
  const answer = await client.backup.create({ backup }, { headers, signal: host.interrupted })
  printDone(output, answer, { text: `Restored: ${answer.msg}.` })
}
