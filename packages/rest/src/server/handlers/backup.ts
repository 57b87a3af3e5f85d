import { Secret } from '@virtkit/core'
import type { backup } from '../../contract/resources/backup.ts'
import { RequestError } from '../error-answer.ts'
import type { Handlers } from '../handler.ts'
import { readUpload } from '../read-upload.ts'
import { sendSpooled } from '../send-spooled.ts'

// The kit's own, not those of a transaction: a backup is of what is committed.
export const backupHandlers: Handlers<typeof backup> = {
  get: async ({ kit, request, by }) => {
    const passphrase = passphraseOf(request)
    const encryption = passphrase ? { passphrase } : ('installation' as const)
    let createdAt = 0
    const name = (): string => `virtkit-${new Date(createdAt).toISOString().replaceAll(/[-:.]/g, '')}.backup`
    return sendSpooled(name, async (path) => {
      ;({ createdAt } = await kit.backup.write(path, { encryption, signal: request.signal }, by))
    })
  },
  create: async ({ kit, request, by, uploadBytes }) => {
    const passphrase = passphraseOf(request)
    const upload = readUpload(request, 'backup', uploadBytes)
    const { createdAt, rows, reopen } = await kit.backup.restore(upload, passphrase ? { passphrase } : {}, by)
    const again = reopen ? '; it is of another installation: restart every process on this database' : ''
    return { msg: `backup of ${new Date(createdAt).toISOString()} restored, ${rows} rows${again}` }
  },
}

function passphraseOf(request: Request): Secret | undefined {
  const text = request.headers.get('x-backup-passphrase')
  if (text === null || text === '') return undefined
  try {
    return new Secret(decodeURIComponent(text))
  } catch {
    throw new RequestError(400, ['x-backup-passphrase: has broken percent-encoding'])
  }
}
