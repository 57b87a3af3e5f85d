import type { LoginOrigin, UserActor, Virtkit, VirtkitServices } from '@virtkit/core'
import type { OpenApiDocument } from '../contract/openapi-document.ts'
import type { Answer } from './answer.ts'
import type { Monitor } from './monitor/monitor.ts'
import type { BodyOf, OperationContract, ParamsOf, QueryOf, Resource, ResultOf } from '../contract/operation.ts'
import type { Page } from './pages.ts'
import type { EventStreams } from './event-streams.ts'

/** What every handler is given besides its input. */
export interface Call {
  readonly kit: Virtkit
  /** The kit's services; inside of the request's transaction for operations that run in one. */
  readonly services: VirtkitServices
  /** Who asks; left out for public operations. */
  readonly by: { readonly actor: UserActor; readonly key?: string; readonly request?: string }
  /** Where the request comes from, as far as the mount knows. */
  readonly from: LoginOrigin
  readonly request: Request
  /** Names the request in logs; the answer says it in `X-Request-Id`. */
  readonly requestId: string
  /** Where the API begins. */
  readonly base: string
  /** What describes the API, rendered once for each server. */
  readonly document: () => OpenApiDocument
  /**
   * Inside of a transaction, where nothing can be waited for: `meanwhile` is the answer that is kept, `then` is asked after the commit,
   * when `kit` and `services` are outside of it, and answers in its place.
   */
  readonly afterCommit?: (meanwhile: Answer, then: () => Promise<Answer>) => Answer
  /** The largest file that may be sent to us, in bytes. */
  readonly uploadBytes: number
  /** The streams of events that are open. */
  readonly streams: EventStreams
  /** How this server is. */
  readonly monitor: Monitor
}

export interface HandlerInput<O extends OperationContract> extends Call {
  readonly params: ParamsOf<O>
  readonly query: QueryOf<O>
  readonly body: BodyOf<O>
}

export type Handler<O extends OperationContract> = (
  input: HandlerInput<O>,
) => Promise<ResultOf<O> | PartOf<ResultOf<O>> | Answer>

/** Lists are answered whole, for the server to filter, sort and cut; or as the page that was asked for. */
type PartOf<Result> = Result extends readonly (infer Item)[] ? Page<Item> : never

/** One handler for each operation of a resource: a missing one does not compile. */
export type Handlers<R extends Resource> = { readonly [Name in keyof R]: Handler<R[Name]> }
