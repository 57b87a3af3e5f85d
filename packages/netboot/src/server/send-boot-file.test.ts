import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { openFile } from '../boot-files/open-file.ts'
import { sendBootFile } from './send-boot-file.ts'

const content = randomBytes(5_000_003)

/** A server of one file on a disk. */
async function serve(): Promise<{ path: string; ask(headers?: Record<string, string>): Promise<IncomingMessage> }> {
  const folder = mkdtempSync(join(tmpdir(), 'virtkit-send-'))
  const path = join(folder, 'kernel')
  writeFileSync(path, content)
  const server = createServer((request, response) => {
    void openFile(path).then(async (file) => {
      await sendBootFile(request, response, file, new AbortController().signal).catch(() => {})
      await file.close()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  const { port } = server.address() as AddressInfo
  const ask = async (headers = {}): Promise<IncomingMessage> => {
    const [answer] = await once(get({ port, host: '127.0.0.1', headers, agent: false }), 'response')
    return answer as IncomingMessage
  }
  return { path, ask }
}

/** Takes a piece now and then, so that the socket is full in between. */
async function digestOf(answer: IncomingMessage, pauseMs: number): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of answer) {
    hash.update(chunk as Buffer)
    if (pauseMs > 0) await pause(pauseMs)
  }
  return hash.digest('hex')
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

it('every guest gets the whole file, however slowly some of them read', async () => {
  const { ask } = await serve()
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask()))
  const digests = await Promise.all(answers.map((answer, index) => digestOf(answer, index % 2)))
  expect(new Set(digests)).toEqual(new Set([digest(content)]))
})

it('a range that begins and ends in the middle of pieces is sent as it is', async () => {
  const { ask } = await serve()
  const answer = await ask({ range: 'bytes=524287-2000000' })
  expect(answer.statusCode).toBe(206)
  expect(await digestOf(answer, 0)).toBe(digest(content.subarray(524_287, 2_000_001)))
})

it('a file that becomes shorter on its way ends the connection, and is no whole answer', async () => {
  const { path, ask } = await serve()
  const answer = await ask()
  await once(answer, 'readable')
  truncateSync(path, 100)
  await expect(digestOf(answer, 0)).rejects.toThrow(/aborted/)
})
