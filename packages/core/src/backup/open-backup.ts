import type { Secret } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import { readLines } from './backup-frames.ts'
import { checkRing, fileKeyOf } from './backup-key.ts'
import {
  type BackupHeader,
  type BackupRecord,
  damaged,
  magic,
  ourTables,
  parseHeader,
  parseRecord,
} from './backup-rules.ts'
import { ByteReader } from './byte-reader.ts'

export interface OpenBackup {
  readonly header: BackupHeader
  /** Throws at the first that is not as it was written, and at the end when something is missing. */
  readonly records: AsyncIterable<BackupRecord>
}

const longestHeader = 64 * 1024

/** Reads the start of a backup, and finds the key that opens the rest. Throws `INVALID_INPUT`, `UNAUTHENTICATED`. */
export async function openBackup(
  bytes: AsyncIterable<Uint8Array>,
  keyring: Keyring,
  passphrase: Secret | undefined,
): Promise<OpenBackup> {
  const reader = new ByteReader(bytes)
  try {
    const first = `${await reader.line(magic.length)}\n`
    if (first !== magic) throw damaged('it does not begin as one that this version reads')
    const line = await reader.line(longestHeader)
    const header = parseHeader(line)
    checkRing(keyring, header)
    const key = await fileKeyOf(keyring, header, passphrase)
    return { header, records: checked(readLines(reader, `${magic}${line}\n`, key)) }
  } catch (error) {
    await reader.close()
    throw error
  }
}

/** Every row stands behind its table's columns and has as many values, no table comes twice, and the end says how many there were. */
async function* checked(lines: AsyncIterable<string>): AsyncGenerator<BackupRecord> {
  const seen = new Set<string>()
  let columns: number | undefined
  let rows = 0
  let ended = false
  for await (const line of lines) {
    const record = parseRecord(line)
    if (ended) throw damaged('something follows behind its last line')
    if ('row' in record) {
      if (record.row.length !== columns) throw damaged('a row in it has other columns than its table')
      rows += 1
    } else if ('table' in record) {
      if (seen.has(record.table)) throw damaged(`the table ${record.table} comes twice`)
      if (!ourTables.includes(record.table)) throw damaged(`there is no table ${record.table}`)
      seen.add(record.table)
      columns = record.columns.length
    } else {
      columns = undefined
      if ('rows' in record) {
        if (record.rows !== rows) throw damaged('rows are missing')
        ended = true
      }
    }
    yield record
  }
  if (!ended) throw damaged('its last line is missing')
}
