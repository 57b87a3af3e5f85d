import type { ServerResponse } from 'node:http'

/** Sends a text. Nothing of ours may be kept by a proxy: every answer belongs to one guest at one moment. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string | Uint8Array,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, {
    'content-type': typeof text === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

/** One answer for an address that does not exist, a token that is not known, and a file that is not (or no longer) handed out. */
export function sendNotFound(response: ServerResponse): void {
  sendText(response, 404, 'Not found\n')
}

/** Asks the guest to come back: iPXE and curl's `--retry` do by themselves. */
export function sendTryAgain(response: ServerResponse): void {
  sendText(response, 503, 'Try again\n', { 'retry-after': '5' })
}
