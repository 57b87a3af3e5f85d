import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { RequestError } from './error-answer.ts'

/**
 * The bytes of the one file of a multipart body (RFC 7578), as they come: never more of it in memory than a few chunks. Whoever reads
 * them learns at their end whether the whole body was as it should be: throws `RequestError` with 400 for a body that is broken, cut
 * off or holds anything else, 413 for a file of more than `most` bytes, 415 for another type.
 */
export async function* readUpload(request: Request, field: string, most: number): AsyncGenerator<Uint8Array> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^multipart\/form-data\s*;/i.test(type)) {
    const given = type.split(';')[0]!.trim() || 'nothing'
    throw new RequestError(415, [
      `content-type: ${given} is not read here; send multipart/form-data, as curl -F '${field}=@file' does`,
    ])
  }
  const parser = parserOf(type)
  const { promise: found, resolve, reject } = Promise.withResolvers<BusboyFileStream>()
  found.catch(() => {})
  let file: BusboyFileStream | undefined
  parser.on('file', (name: string, stream: BusboyFileStream) => {
    if (name === field && !file) return resolve((file = stream))
    stream.resume()
    parser.destroy(new RequestError(400, [file ? `${name}: is given twice` : `unknown parameter: ${name}`]))
  })
  parser.on('field', (name: string) => parser.destroy(new RequestError(400, [`unknown parameter: ${name}`])))
  const body = request.body ? Readable.fromWeb(request.body as never) : Readable.from([])
  const parsed = pipeline(body, parser).then(
    () => reject(new RequestError(400, [`missing parameter: ${field}`])),
    (cause: unknown) => {
      const error = cause instanceof RequestError ? cause : notWhole()
      reject(error)
      file?.destroy(error)
      throw error
    },
  )
  parsed.catch(() => {})
  try {
    let size = 0
    for await (const chunk of (await found) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > most) throw new RequestError(413, [`${field}: is longer than ${most} bytes`])
      yield chunk
    }
    await parsed
  } catch (error) {
    throw error instanceof RequestError ? error : notWhole()
  } finally {
    body.destroy()
    parser.destroy()
  }
}

const notWhole = (): RequestError => new RequestError(400, ['body: is no whole multipart body'])

function parserOf(type: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': type } as never,
      limits: { fieldNameSize: 200, fieldSize: 1024, parts: 10 },
    })
  } catch {
    throw new RequestError(400, ['content-type: multipart/form-data has no boundary'])
  }
}
