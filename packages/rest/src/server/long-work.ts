import type { Operation } from '@virtkit/core'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call } from './handler.ts'

/** How long a request waits for what it has begun, unless it says so itself; and at most. */
const waitMs = { default: 5_000, most: 60_000 }

export interface LongWork<Done> {
  readonly operation: Operation
  /** The answer when it is done. */
  readonly done: () => Done | Promise<Done>
  /** What is said when it goes on, with what else there is to tell by then. */
  readonly goesOn: Readonly<Record<string, unknown>> & { readonly msg: string }
}

/**
 * Waits a little for an operation: answers 200 with what came of it, or 202 when it goes on. `Prefer: respond-async` does not wait,
 * `Prefer: wait=30` waits so many seconds (RFC 7240). Throws what the operation failed with.
 */
export async function answerLongWork<Done>(call: Call, work: LongWork<Done>): Promise<Answer> {
  const { afterCommit } = call
  if (!afterCommit) return waitAndAnswer(call, work)
  return afterCommit(accepted(call, work.operation, work.goesOn), () => waitAndAnswer(call, work))
}

async function waitAndAnswer<Done>(call: Call, { operation, done, goesOn }: LongWork<Done>): Promise<Answer> {
  const preference = readPreference(call.request.headers.get('prefer'))
  const ended = await waitFor(call, operation, preference?.waitMs ?? waitMs.default)
  if (ended?.error) throw ended.error
  const headers = { 'operation-id': operation.id, ...(preference && { 'preference-applied': preference.applied }) }
  if (ended) return jsonAnswer(await done(), { headers })
  return accepted(call, operation, goesOn, headers)
}

/** 202, and where to ask. */
export function accepted(
  call: Call,
  { id }: Operation,
  body: Readonly<Record<string, unknown>> & { readonly msg: string },
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return jsonAnswer(
    { ...body, statuscode: 202, operation: id },
    { status: 202, headers: { location: `${call.base}/operations/${id}`, 'operation-id': id, ...headers } },
  )
}

/** The documented answer of what is done. */
export function doneBy(operation: Operation, msg: string): { msg: string; statuscode: number; operation: string } {
  return { msg, statuscode: 200, operation: operation.id }
}

async function waitFor({ kit, request }: Call, operation: Operation, ms: number): Promise<Operation | undefined> {
  if (operation.endedAt !== undefined) return operation
  if (ms === 0) return undefined
  const enough = AbortSignal.any([AbortSignal.timeout(ms), request.signal])
  try {
    // Whoever may begin it may know how it ends.
    return await kit.operations.wait(operation.id, { signal: enough })
  } catch (error) {
    if (enough.aborted) return undefined
    throw error
  }
}

function readPreference(header: string | null): { readonly waitMs: number; readonly applied: string } | undefined {
  const preferences = (header ?? '').toLowerCase().split(',')
  const seconds = preferences.flatMap((each) => /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/.exec(each)?.[1] ?? [])[0]
  if (seconds !== undefined) {
    const ms = Math.min(Number(seconds) * 1000, waitMs.most)
    return { waitMs: ms, applied: `wait=${ms / 1000}` }
  }
  const isAsync = preferences.some((each) => /^\s*respond-async\s*(?:;|$)/.test(each))
  return isAsync ? { waitMs: 0, applied: 'respond-async' } : undefined
}
