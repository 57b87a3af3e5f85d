/** What answers of an API say to browsers, unless the answer has said something else itself. */
const defaults: readonly (readonly [string, string])[] = Object.entries({
  // Answers have tokens and names of machines in them: no cache keeps them.
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
})

/** The answer with more headers: those of security, the request's id, and what is given. Nobody else has it yet, so it is not copied. */
export function finish(response: Response, requestId: string, more: Readonly<Record<string, string>>): Response {
  const { headers } = response
  for (const [name, value] of defaults) if (!headers.has(name)) headers.set(name, value)
  for (const [name, value] of Object.entries(more)) headers.append(name, value)
  headers.set('x-request-id', requestId)
  return response
}
