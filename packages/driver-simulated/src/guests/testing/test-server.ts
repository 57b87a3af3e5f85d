import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestServer extends AsyncDisposable {
  readonly origin: string
  /** `METHOD path body`, in order. */
  readonly requests: string[]
  /** What is answered by path: a body, or a status. Absent: 404. */
  readonly answers: Record<string, string | Uint8Array | number>
  /** Sees each request before it is answered. */
  onRequest: (line: string) => void
}

export async function startTestServer(answers: TestServer['answers'] = {}): Promise<TestServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const line = `${request.method} ${request.url}${body === '' ? '' : ` ${body}`}`
      requests.push(line)
      self.onRequest(line)
      const answer = answers[request.url?.split('?')[0] ?? ''] ?? 404
      if (typeof answer === 'number') response.writeHead(answer).end()
      else response.end(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: TestServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answers,
    onRequest: () => undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}
