import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Secret } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import { ourTables } from '../database/our-tables.ts'
import { readLines } from './backup-frames.ts'
import { checkRing, fileKeyOf } from './backup-key.ts'
import { type BackupHeader, type BackupRecord, damaged, magic, parseHeader, parseRecord } from './backup-rules.ts'
import { ByteReader } from './byte-reader.ts'

const checksumBytes = 32

/** Holds a file against its checksum, before a word of it is believed. Throws `INVALID_INPUT`. */
export async function checkFile(path: string): Promise<void> {
  const { size } = await stat(path)
  const start = Buffer.from(magic)
  const hash = createHash('sha256')
  let first = true
  if (size < start.length + checksumBytes) throw damaged('it is too short')
  for await (const part of createReadStream(path, { end: size - checksumBytes - 1 }) as AsyncIterable<Buffer>) {
    if (first && !part.subarray(0, start.length).equals(start))
      throw damaged('it does not begin as one that this version reads')
    first = false
    hash.update(part)
  }
  const parts: Buffer[] = []
  for await (const part of createReadStream(path, { start: size - checksumBytes }) as AsyncIterable<Buffer>)
    parts.push(part)
  if (!hash.digest().equals(Buffer.concat(parts))) throw damaged('its checksum is wrong')
}

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
