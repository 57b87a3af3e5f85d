import { defineOperation } from '../operation.ts'
import { message } from '../values.ts'

/** The whole of an installation in one file. */
export const backup = {
  get: defineOperation({
    method: 'GET',
    path: '/backup',
    title: 'Download a backup',
    description:
      'Of one moment, made while everything goes on. Sealed with the key ring of the installation, which a restore needs: keep that as well. With a header X-Backup-Passphrase (percent-encoded, at least 12 characters) the file opens with the passphrase instead.',
    permission: 'backup:read',
    result: 'binary',
    origin: 'original',
  }),
  create: defineOperation({
    method: 'POST',
    path: '/backup',
    title: 'Restore a backup',
    description:
      'Replaces everything. The file is checked to its end before anything is touched; then it is all or nothing. A backup that was made with a passphrase needs the header X-Backup-Passphrase.',
    permission: 'backup:write',
    file: 'backup',
    result: message,
    runs: 'again',
    origin: 'original',
  }),
}
