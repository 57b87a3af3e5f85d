import { constants, openAsBlob } from 'node:fs'
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { invalidInput } from '@virtkit/spi'
import { confirm } from '../../connection/confirm.ts'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'
import { type PassphraseFlags, passphraseHeaders } from './passphrase.ts'

/** The file is read as it is sent. */
export async function restoreBackup(
  { client, output, host, isLocal, say }: Session,
  file: string,
  { yes, ...flags }: PassphraseFlags & { readonly yes?: boolean },
): Promise<void> {
  const path = resolve(host.cwd, file)
  await access(path, constants.R_OK).catch((error: Error & { code?: string }) => {
    throw invalidInput([{ field: 'file', problem: `${file} cannot be read (${error.code ?? 'unknown'})` }])
  })
  const question = `Replace everything that the installation holds by what is in ${file}?`
  await confirm(host, { ...(yes !== undefined && { yes }), question })
  const headers = await passphraseHeaders(flags, host)
  const backup = await openAsBlob(path)
  const answer = await client.backup.create({ backup }, { headers, signal: host.interrupted })
  printDone(output, answer, { text: `Restored: ${answer.msg}.` })
  if (!isLocal) say('tokens of before are not valid any more: virtkit login')
}
