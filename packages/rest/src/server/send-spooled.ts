import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

/**
 * Answers with a file that is written first and sent then: a slow receiver holds up nothing but the file, and what goes wrong while it
 * is written is an error and not half an answer. The file goes with the response, sent or not.
 */
export async function sendSpooled(name: () => string, write: (path: string) => Promise<void>): Promise<Response> {
  const folder = await mkdtemp(join(tmpdir(), 'virtkit-spool-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const path = join(folder, 'file')
    await write(path)
    const { size } = await stat(path)
    const file = createReadStream(path)
    file.once('close', () => void remove().catch(() => {}))
    return new Response(Readable.toWeb(file) as ReadableStream<Uint8Array>, {
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(size),
        'content-disposition': `attachment; filename="${name()}"`,
        'cache-control': 'no-store',
      },
    })
  } catch (error) {
    await remove()
    throw error
  }
}
