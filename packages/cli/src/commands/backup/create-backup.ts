import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { invalidInput } from '@virtkit/spi'
import type { Session } from '../../connection/session.ts'
import { printDone } from '../../output/print.ts'
import { type PassphraseFlags, passphraseHeaders } from './passphrase.ts'

/**
 * Promises: the file is its owner's alone, holds a whole backup or is not there, and nothing is written over; no more than a part of it is
 * ever in memory.
 */
export async function createBackup(
  { client, output, host }: Session,
  given: string | undefined,
  flags: PassphraseFlags,
): Promise<void> {
  const headers = await passphraseHeaders(flags, host)
  const response = await client.backup.get({}, { headers, signal: host.interrupted })
  const file = given ?? nameOf(response)
  const path = resolve(host.cwd, file)
  let bytes = 0
  const counted = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of source) {
      bytes += part.length
      yield part
    }
  }
  const sink = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  let isOurs = false
  sink.once('open', () => (isOurs = true))
  try {
    await pipeline(Readable.fromWeb(response.body! as never), counted, sink)
  } catch (error) {
    if (isOurs) await rm(path, { force: true })
    throw isOurs || host.interrupted.aborted ? error : unwritable(file, error)
  }
  printDone(
    output,
    { file: path, bytes },
    { text: `${file} holds the backup: ${(bytes / 1024).toFixed(0)} KiB.`, key: file },
  )
}

/** What the server calls it, which is no path. */
function nameOf(response: Response): string {
  const [, name] = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '') ?? []
  return name ?? 'virtkit.backup'
}

function unwritable(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === undefined) return error
  const problem = code === 'EEXIST' ? `${file} is there already` : `${file} cannot be written (${code})`
  return invalidInput([{ field: 'file', problem, hint: 'name another one' }])
}
