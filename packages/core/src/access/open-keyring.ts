import { type InputProblem, invalidInput } from '@virtkit/spi'
import type { DatabaseOptions } from '../database/open-database.ts'
import type { EncryptionOptions } from '../options/options.ts'
import { AesKeyring, type RingKey } from './aes-keyring.ts'
import { freshKey, readKeyFile } from './key-file.ts'
import type { Keyring } from './keyring.ts'

/**
 * Opens the ring that the host asks for. Without a word from the host: `<database>.key` beside a SQLite file, made where it
 * is missing; a key that nobody keeps for a database in memory. Throws `INVALID_INPUT` where neither fits: a key in another
 * place than the database is the host's to choose.
 */
export async function openKeyring(encryption: EncryptionOptions | undefined, database: DatabaseOptions): Promise<Keyring> {
  if (encryption && 'keys' in encryption) return new AesKeyring(parseKeys(encryption.keys))
  if (encryption) return new AesKeyring(await readKeyFile(encryption.keyFile))
  const path = 'sqlite' in database ? database.sqlite : undefined
  if (path === ':memory:') return new AesKeyring([freshKey()])
  if (typeof path === 'string') return new AesKeyring(await readKeyFile(`${path}.key`))
  throw invalidInput([
    {
      field: 'encryption',
      problem: 'is missing: passwords are sealed, and this database has no file that the key could be kept beside',
      hint: "write encryption: { keyFile: '/etc/virtkit/virtkit.key' }; the file is made where it is missing, and every process needs the same",
    },
  ])
}

function parseKeys(keys: readonly { readonly id: string; readonly key: string }[]): readonly [RingKey, ...RingKey[]] {
  const problems: InputProblem[] = keys.flatMap(({ id, key }, index) => {
    const twice = keys.findIndex((other) => other.id === id) < index
    const short = Buffer.from(key, 'base64').length !== 32
    return [
      ...(twice ? [{ field: `encryption.keys[${index}].id`, problem: 'is the id of another key' }] : []),
      ...(short ? [{ field: `encryption.keys[${index}].key`, problem: 'must be 32 bytes in base64' }] : []),
    ]
  })
  const [first, ...rest] = keys.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') }))
  if (problems.length === 0 && first) return [first, ...rest]
  throw invalidInput(problems.length > 0 ? problems : [{ field: 'encryption.keys', problem: 'must not be empty' }])
}
