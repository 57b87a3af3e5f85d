import { readPassword } from '../../connection/secrets.ts'
import type { Host } from '../../host.ts'

export interface PassphraseFlags {
  readonly passphrase?: boolean
  readonly passphraseFile?: string
}

const variable = 'VIRTKIT_BACKUP_PASSPHRASE'

/** The headers that say a passphrase; none where nobody gives one. */
export async function passphraseHeaders(
  { passphrase = false, passphraseFile }: PassphraseFlags,
  host: Host,
): Promise<Readonly<Record<string, string>>> {
  if (!passphrase && passphraseFile === undefined && !host.env[variable]) return {}
  const from = passphraseFile === undefined ? {} : { passwordFile: passphraseFile }
  const given = await readPassword(from, host, { variable, question: 'Passphrase of the backup: ' })
  return { 'x-backup-passphrase': encodeURIComponent(given) }
}
