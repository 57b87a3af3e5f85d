import type { UserActor, Virtkit } from '@virtkit/core'
import { type RestServer, createRestServer } from '@virtkit/rest'
import { ApiError, type CallOptions, createClient } from '@virtkit/rest/client'
import { toVirtkitError } from '@virtkit/spi'
import type { WhoAsks } from './callers.ts'
import { type Command, readCommand } from './command.ts'
import type { CommandOperations } from './command-operations.ts'
import { type DeadReason, type Refusal, judge, retry } from './command-verdict.ts'

export type Taken =
  | { readonly answer: { readonly status: number; readonly body: unknown } }
  | { readonly afterMs: number; readonly attempt: number }
  | { readonly dead: DeadReason; readonly refusal: Pick<Refusal, 'errors'> & Partial<Refusal> }

type AnyMethod = (input: unknown, options: CallOptions) => Promise<unknown>

/**
 * Carries commands out by the HTTP face, without HTTP: what may be asked, by whom, what it answers and what happens once is decided where
 * it is decided for everybody.
 */
export class CommandTaker {
  readonly #rest: RestServer
  readonly #whoAsks: WhoAsks
  readonly #operations: CommandOperations
  readonly #callers = new WeakMap<Request, UserActor>()

  constructor(kit: Virtkit, whoAsks: WhoAsks, operations: CommandOperations) {
    this.#rest = createRestServer(kit, { authenticate: (request) => this.#callers.get(request) })
    this.#whoAsks = whoAsks
    this.#operations = operations
  }

  close(): Promise<void> {
    return this.#rest.close()
  }

  /** Promises: never rejects; whatever it answers, the command acts at most once for each of its ids and callers in a day. */
  async take(body: unknown): Promise<Taken & { readonly command?: Command }> {
    const parsed = readCommand(body)
    if ('problems' in parsed) {
      const { problems, isNewer } = parsed
      const attempt = attemptOf(body)
      const verdict = isNewer ? retry(attempt, 'not-a-command') : { dead: 'not-a-command' as const }
      return 'dead' in verdict ? { ...verdict, refusal: { errors: problems } } : { ...verdict, attempt: attempt + 1 }
    }
    const { command } = parsed
    if (!this.#operations.has(command.operation)) {
      return { command, dead: 'not-taken', refusal: { errors: [`operation: ${command.operation} is not taken here`] } }
    }
    try {
      const actor = await this.#whoAsks(command)
      if (actor) return { command, answer: await this.#carryOut(command, actor) }
      return { command, dead: 'unauthenticated', refusal: { errors: ['nobody is known who asks for this'] } }
    } catch (error) {
      const refusal = toRefusal(error)
      const { attempt = 0 } = command
      const verdict = judge(refusal, attempt)
      if ('dead' in verdict) return { command, ...verdict, refusal }
      return { command, afterMs: verdict.afterMs, attempt: attempt + (verdict.counts ? 1 : 0) }
    }
  }

  async #carryOut(command: Command, actor: UserActor): Promise<{ status: number; body: unknown }> {
    const client = createClient({
      url: 'http://queue.invalid',
      fetch: (request) => {
        this.#callers.set(request, actor)
        return this.#rest.fetch(request)
      },
    })
    let status = 0
    const [resource = '', name = ''] = command.operation.split('.')
    const method = (client as unknown as Record<string, Record<string, AnyMethod>>)[resource]![name]!
    const body = await method(command.input, {
      idempotencyKey: command.id,
      // Whoever sends messages does not stand and wait: what takes long goes on by itself.
      headers: {
        prefer: 'respond-async',
        'x-request-id': command.id,
        ...(command.traceparent !== undefined && { traceparent: command.traceparent }),
      },
      onResponse: (response) => (status = response.status),
    })
    return { status, body }
  }
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof ApiError) {
    const { status, errors, code, retryAfterMs } = error
    return { status, errors, ...(code !== undefined && { code }), ...(retryAfterMs !== undefined && { retryAfterMs }) }
  }
  const { code, message } = toVirtkitError(error)
  return { status: 500, errors: [message], code }
}

function attemptOf(body: unknown): number {
  const attempt = typeof body === 'object' && body !== null ? (body as { attempt?: unknown }).attempt : undefined
  return typeof attempt === 'number' && Number.isInteger(attempt) && attempt >= 0 ? attempt : 0
}
