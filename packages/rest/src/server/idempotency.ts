import { type KeyedCall, type Virtkit, isVirtkitError } from '@virtkit/core'
import { type OperationContract, runsOf } from '../contract/operation.ts'
import type { Answer } from './answer.ts'
import { RequestError } from './error-answer.ts'
import { isConditional, requireMatch } from './etags.ts'
import { InsideTransaction } from './inside-transaction.ts'
import { type Reply, isKept, settle, toAnswer, toReply } from './kept-answers.ts'
import type { Call } from './handler.ts'

/** A request that changes something, checked and ready to be carried out. */
export interface Change {
  readonly operation: OperationContract
  readonly request: Request
  readonly by: Call['by']
  /** What was given, checked: the same request with the same key has the same. */
  readonly given: { readonly params: unknown; readonly query: unknown; readonly body: unknown }
  readonly carryOut: (call: Pick<Call, 'kit' | 'services' | 'by' | 'afterCommit'>) => Promise<Answer>
  /** What GET answers of the path; `undefined` where nothing is read there. */
  readonly represent: (call: Pick<Call, 'kit' | 'services' | 'by'>) => Promise<string | undefined>
  readonly refuse: (error: unknown) => Answer
}

/**
 * Carries a change out once for each `Idempotency-Key` of the caller, and under the condition of `If-Match` and `If-None-Match`.
 *
 * Promises: what only writes to the database is done, together with the answer that is kept of it, in one transaction; condition
 * and change are one as well. What asks a hypervisor or waits is done outside of one, with a key by which core knows it again.
 * Answers below 500 are kept for a day, but for 401, 403, 412 and 429, after which the same request may be made again.
 */
export async function carryOut(kit: Virtkit, change: Change): Promise<Answer> {
  const runs = runsOf(change.operation)
  const outside = { kit, services: kit }
  const key = runs === 'again' ? undefined : readKey(change.request)
  if (key === undefined && !isConditional(change.request)) return whenMet(change, outside)
  const call = key === undefined ? undefined : callOf(change, key)
  if (runs === 'in-transaction') {
    try {
      return await inTransaction(kit, change, call)
    } catch (error) {
      if (!needsNoTransaction(error)) return refuse(kit, change, call, error)
    }
  }
  return call ? byItself(kit, change, call) : whenMet(change, outside)
}

async function inTransaction(kit: Virtkit, change: Change, call: KeyedCall | undefined): Promise<Answer> {
  const attempt = async (queries: Virtkit['database']['queries']) => {
    const claim = call && (await kit.replies.claim(queries, call))
    if (claim && claim.state !== 'mine') return { claim }
    const inside = new InsideTransaction(kit, kit.within(queries as Parameters<Virtkit['within']>[0]))
    const reply = await toReply(await whenMet(change, inside.call, claim?.operationKey))
    if (claim) await kit.replies.keep(queries, claim, JSON.stringify(reply))
    return { claim, reply, inside }
  }
  const { claim, reply, inside } = await kit.database.transaction(attempt, { asIfAlone: isConditional(change.request) })
  if (!reply) return settle(claim)
  const later = inside.leave()
  if (!later) return toAnswer(reply)
  const answer = await later().catch((error: unknown) => refusalToKeep(change, error))
  if (claim && isKept(answer)) await kit.replies.replace(claim, JSON.stringify(await toReply(answer)))
  return answer
}

/** With a claim that others see while it is under way, and that they take over when this process dies. */
async function byItself(kit: Virtkit, change: Change, call: KeyedCall): Promise<Answer> {
  const claim = await kit.database.transaction((queries) => kit.replies.claim(queries, call))
  if (claim.state !== 'mine') return settle(claim)
  const letGo = kit.replies.hold(claim)
  try {
    const outside = { kit, services: kit }
    const answer = await whenMet(change, outside, claim.operationKey).catch((error: unknown) =>
      refusalToKeep(change, error),
    )
    const reply = JSON.stringify(await toReply(answer))
    return toAnswer(JSON.parse(await kit.replies.keep(kit.database.queries, claim, reply)) as Reply)
  } catch (error) {
    await kit.replies.release(claim).catch(() => {})
    throw error
  } finally {
    letGo()
  }
}

async function whenMet(change: Change, call: Omit<Parameters<Change['carryOut']>[0], 'by'>, key?: string): Promise<Answer> {
  const { by, request } = change
  if (isConditional(request)) requireMatch(request, await change.represent({ ...call, by }))
  return change.carryOut({ ...call, by: key === undefined ? by : { ...by, key } })
}

/** A refusal that is the answer from now on, as an answer; others are thrown again. */
function refusalToKeep(change: Change, error: unknown): Answer {
  const refused = change.refuse(error)
  if (isKept(refused)) return refused
  throw error
}

/** What was refused is rolled back, and nothing happened; the refusal is the answer from now on. */
async function refuse(kit: Virtkit, change: Change, call: KeyedCall | undefined, error: unknown): Promise<Answer> {
  if (!call) throw error
  const reply = await toReply(refusalToKeep(change, error))
  const kept = await kit.database.transaction(async (queries): Promise<Reply> => {
    const claim = await kit.replies.claim(queries, call)
    if (claim.state === 'mine') await kit.replies.keep(queries, claim, JSON.stringify(reply))
    return claim.state === 'replied' ? (JSON.parse(claim.reply) as Reply) : reply
  })
  return toAnswer(kept)
}

/** Core's services in a transaction refuse what asks a hypervisor, or waits for what starts after the commit. */
function needsNoTransaction(error: unknown): boolean {
  if (!isVirtkitError(error) || error.code !== 'UNSUPPORTED') return false
  return String((error.details as { feature?: unknown }).feature).endsWith(' inside of a transaction')
}

/** A string of structured fields (RFC 9651, 3.3.3), as the header's draft asks for, or the same without its quotes. */
function readKey(request: Request): string | undefined {
  const header = request.headers.get('idempotency-key')
  if (header === null) return undefined
  const text = header.trim()
  const key = /^"([ !#-[\]-~]{1,200})"$/.exec(text)?.[1] ?? /^[!#-+\--~]{1,200}$/.exec(text)?.[0]
  if (key !== undefined) return key
  throw new RequestError(400, ['idempotency-key: must be one text of 1 to 200 characters, such as a UUID in quotes'])
}

function callOf({ operation, by: { actor }, given }: Change, key: string): KeyedCall {
  const request = JSON.stringify([operation.method, operation.path, given.params, given.query, given.body], sorted)
  return { caller: JSON.stringify([actor.user, actor.name]), key, request }
}

/** The order of fields makes no other request. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
