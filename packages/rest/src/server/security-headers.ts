import { type Answer, TextAnswer } from './answer.ts'

/** What answers of an API say to browsers, unless the answer has said something else itself. */
const defaults = {
  // Answers have tokens and names of machines in them: no cache keeps them.
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** The answer with more headers: those of security, the request's id, and what is given, which no answer says by itself. */
export function finish(answer: Answer, requestId: string, more: Readonly<Record<string, string>>): Answer {
  const last = { ...more, 'x-request-id': requestId }
  if (answer instanceof TextAnswer) {
    return new TextAnswer(answer.status, { ...defaults, ...answer.headers, ...last }, answer.text)
  }
  // Nobody else has it yet, so it is not copied.
  const { headers } = answer
  for (const [name, value] of Object.entries(defaults)) if (!headers.has(name)) headers.set(name, value)
  for (const [name, value] of Object.entries(last)) headers.set(name, value)
  return answer
}
