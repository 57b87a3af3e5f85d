const texts = new WeakMap<Response, string>()

/** What is in a response of ours, for who sends it without reading it as a stream. */
export function textOf(response: Response): string | undefined {
  return texts.get(response)
}

/** JSON with its length, so that it is sent in one piece. The text may be handed in where it is known already. */
export function jsonResponse(
  value: unknown,
  { text, ...init }: { status?: number; headers?: Readonly<Record<string, string>>; text?: string } = {},
): Response {
  const body = text ?? JSON.stringify(value)
  const length = String(Buffer.byteLength(body))
  const response = new Response(body, {
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers, 'content-length': length },
  })
  texts.set(response, body)
  return response
}
