import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { readMultipart } from './multipart.ts'

const content = '\r\n--edge\r\n--edg\r\nbytes--edge'
const part = (head: string, body: string): string =>
  `--edge-1\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`
const body = Buffer.from(
  `${part('name="content"', 'iso')}${part('name="checksum-algorithm"', 'sha1')}${part('name="other"; filename="b"', '')}${part('name="filename"; filename="a.iso"', content)}--edge-1--\r\n`,
)

it.each([1, 2, 7, 19, 1000])('finds the same parts when they come in pieces of %i bytes', async (size) => {
  const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, index) =>
    body.subarray(index * size, (index + 1) * size),
  )
  const { fields, file } = await readMultipart(Readable.from(pieces), 'edge-1')
  expect(fields).toEqual({ content: 'iso', 'checksum-algorithm': 'sha1', other: '', filename: 'a.iso' })
  expect(file?.bytes).toBe(content.length)
  expect(file?.content).toBeUndefined()
  const kept = await readMultipart(Readable.from(pieces), 'edge-1', true)
  expect(kept.file?.content?.toString()).toBe(content)
  expect(file?.checksum).toBe(createHash('sha1').update(content).digest('hex'))
})

it('does not see what stands behind the file', async () => {
  const late = `${part('name="filename"; filename="a.iso"', 'x')}${part('name="content"', 'iso')}--edge-1--\r\n`
  expect((await readMultipart(Readable.from([Buffer.from(late)]), 'edge-1')).fields).toEqual({ filename: 'a.iso' })
})
