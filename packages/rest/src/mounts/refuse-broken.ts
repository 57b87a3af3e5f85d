import type { Socket } from 'node:net'

/** What is no HTTP, is too long or comes too slowly, answered in the form of all errors, as far as somebody listens. */
export function refuseBroken(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const [statuscode, reason, text] = refusals[error.code ?? ''] ?? [400, 'Bad Request', 'this is no HTTP/1.1']
  // What was begun to be answered cannot be answered by something else.
  if (hasBegun(socket)) return void socket.destroy()
  const body = JSON.stringify({ errors: [text], timestamp: Date.now() * 1e6, statuscode, instance: '/' })
  const head = [
    `HTTP/1.1 ${statuscode} ${reason}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

const refusals: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the head of the request is too long'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large', 'the body has chunk extensions that are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request took too long to come'],
}

function hasBegun(socket: Socket): boolean {
  const { _httpMessage } = socket as Socket & { _httpMessage?: { headersSent?: boolean } | null }
  return _httpMessage?.headersSent === true
}
