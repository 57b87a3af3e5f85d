import { listFields } from '../contract/lists.ts'
import type { OperationContract } from '../contract/operation.ts'
import { holds } from './admit.ts'
import { type Answer, isAnswer, jsonAnswer, toResponse } from './answer.ts'
import { RequestError } from './error-answer.ts'
import { taggedJson } from './etags.ts'
import type { Call } from './handler.ts'
import { carryOut } from './idempotency.ts'
import { Page, linkToNext, pageOf } from './pages.ts'

export interface Endpoint {
  readonly operation: OperationContract
  readonly handler: (input: Input) => Promise<unknown>
}

/** What a handler is given, whichever it is. */
export type Input = Call & { readonly params: unknown; readonly query: unknown; readonly body: unknown }

export interface Answering {
  /** What is read at the same path: what the conditions of a change are about. */
  readonly reader: Endpoint | undefined
  readonly refuse: (error: unknown) => Answer
}

/** The answer to a request that was checked: what is read has a tag, lists have pages, what changes something is done once. */
export async function answerAt(endpoint: Endpoint, input: Input, { reader, refuse }: Answering): Promise<Answer> {
  const { operation } = endpoint
  if (operation.method === 'GET') return read(endpoint, input)
  if (operation.permission === 'public') return change(endpoint, input)
  return carryOut(input.kit, {
    operation,
    refuse,
    request: input.request,
    by: input.by,
    given: { params: input.params, query: input.query, body: input.body },
    carryOut: (call) => change(endpoint, { ...input, ...call }),
    represent: async (call) => (reader && isOfOne(reader) ? represent(reader, { ...input, ...call }) : undefined),
  })
}

/** A list under one key is of what that key holds, not what a change there is about: of network cards, those of a machine. */
function isOfOne({ operation }: Endpoint): boolean {
  return !(/:\w+$/.test(operation.path) && listFields(operation.query))
}

async function change({ operation, handler }: Endpoint, input: Input): Promise<Answer> {
  const result = await handler(input)
  return isAnswer(result) ? result : jsonAnswer(result, { status: operation.status ?? 200 })
}

async function read({ operation, handler }: Endpoint, input: Input): Promise<Answer> {
  const result = await handler(input)
  if (isAnswer(result)) return result
  if (operation.status !== undefined && operation.status !== 200) return jsonAnswer(result, { status: operation.status })
  if (!listFields(operation.query)) return taggedJson(input.request, result)
  const page = result instanceof Page ? result : pageOf(operation, input.query, result as readonly unknown[])
  const link = linkToNext(operation, input.query, page, new URL(input.request.url))
  return taggedJson(input.request, page.items, link === undefined ? {} : { link })
}

/** The body that GET would answer now, to somebody who may read it: a tag tells what is behind it. */
async function represent({ operation, handler }: Endpoint, input: Input): Promise<string | undefined> {
  const params = operation.params?.safeParse(input.params)
  const query = operation.query?.safeParse({})
  if (params?.success === false || query?.success === false) return undefined
  if (!holds(input.by.actor, operation.permission))
    throw new RequestError(403, [`if-match: ${input.by.actor.name} lacks the permission ${operation.permission}`])
  const answered = await read(
    { operation, handler },
    { ...input, request: new Request(input.request.url), params: params?.data ?? {}, query: query?.data ?? {}, body: {} },
  )
  return (await toResponse(answered, 'GET')).text()
}
