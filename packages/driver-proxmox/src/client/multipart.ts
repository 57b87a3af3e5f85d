import { randomBytes } from 'node:crypto'
import { PveError } from './pve-error.ts'
import type { PveUpload } from './transport.ts'

type Send = (chunk: Uint8Array) => Promise<void>

/**
 * An upload as the server wants it: its fields first, the file last, and its length said beforehand (chunked is refused).
 * The content is streamed; one that is longer or shorter than was said ends the request before the server has it all.
 */
export function multipart({ name, sizeBytes, content, sent, signal }: PveUpload): {
  readonly headers: Readonly<Record<string, string>>
  readonly body: (send: Send) => Promise<void>
} {
  const boundary = `virtkit-${randomBytes(16).toString('hex')}`
  const head = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="content"\r\n\r\niso\r\n` +
      `--${boundary}\r\ncontent-disposition: form-data; name="filename"; filename="${name}"\r\n` +
      'content-type: application/octet-stream\r\n\r\n',
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + sizeBytes + tail.length),
    },
    body: async (send) => {
      await send(head)
      let bytes = 0
      for await (const chunk of content()) {
        if (signal.aborted) return
        bytes += chunk.length
        if (bytes > sizeBytes) throw wrongSize(`has more than the ${sizeBytes} bytes that were announced`)
        await send(chunk)
        sent?.(bytes)
      }
      if (bytes < sizeBytes) throw wrongSize(`has ${bytes} bytes, ${sizeBytes} were announced`)
      await send(tail)
    },
  }
}

function wrongSize(problem: string): PveError {
  return new PveError({ kind: 'content' }, problem, 'no')
}
