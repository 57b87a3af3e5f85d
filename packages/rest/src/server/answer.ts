/**
 * What is answered: a text that is known, or a `Response` that streams. Texts become a `Response` only where one is asked for; mounts on
 * `node:http` send them as they are, which costs a tenth.
 */
export type Answer = TextAnswer | Response

/** Answers without a body are texts as well: an empty one, with a status that says so (204, 304). */
export class TextAnswer {
  readonly status: number
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string

  constructor(status: number, headers: Readonly<Record<string, string>>, text = '') {
    this.status = status
    this.headers = headers
    this.text = text
  }
}

/** JSON with its length, so that it is sent in one piece. The text may be handed in where it is known already. */
export function jsonAnswer(
  value: unknown,
  { status = 200, headers, text = JSON.stringify(value) }: Partial<TextAnswer> = {},
): TextAnswer {
  const length = String(Buffer.byteLength(text))
  return new TextAnswer(status, { 'content-type': 'application/json', ...headers, 'content-length': length }, text)
}

/** Whether a handler has answered itself, instead of with what is to be said in JSON. */
export function isAnswer(value: unknown): value is Answer {
  return value instanceof TextAnswer || value instanceof Response
}

export function hasBody({ status }: Answer, method: string | undefined): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304
}

type Asking<A, More extends unknown[]> = (request: Request, ...more: More) => Promise<A>

const answerers = new WeakMap<object, unknown>()

/** As a fetch handler, which makes each answer a `Response`. */
export function toFetch<More extends unknown[]>(answer: Asking<Answer, More>): Asking<Response, More> {
  const fetch = async (request: Request, ...more: More): Promise<Response> =>
    toResponse(await answer(request, ...more), request.method)
  answerers.set(fetch, answer)
  return fetch
}

/**
 * What a fetch handler answers before it makes a `Response` of it. By the handler itself, so that whoever puts something before our
 * `fetch` is asked like anybody else's.
 */
export function answererOf<More extends unknown[]>(fetch: Asking<Response, More>): Asking<Answer, More> {
  return (answerers.get(fetch) as Asking<Answer, More> | undefined) ?? fetch
}

/** A file or stream that nobody wants is not begun. */
export async function toResponse(answer: Answer, method: string): Promise<Response> {
  const isWanted = hasBody(answer, method)
  if (answer instanceof TextAnswer) {
    const { status, headers, text } = answer
    return new Response(isWanted ? text : null, { status, headers })
  }
  if (isWanted || !answer.body) return answer
  await answer.body.cancel()
  const { status, headers } = answer
  return new Response(null, { status, headers })
}
