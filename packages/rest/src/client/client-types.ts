import type { z } from 'zod'
import type { Contract } from '../contract/contract.ts'
import type { OperationContract } from '../contract/operation.ts'

/** How one call is made. */
export interface CallOptions {
  readonly signal?: AbortSignal
  /** A name of yours for this change: the same change with the same name happens once, and answers the same. */
  readonly idempotencyKey?: string
  /** The `ETag` that was read: the change is refused where somebody else was quicker. */
  readonly ifMatch?: string
  /** More headers, such as `x-request-id` or `last-event-id`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Is shown the answer's status and headers, such as `etag` and `link`, before its body is read. */
  readonly onResponse?: (response: Response) => void
}

type Given<T> = T extends z.ZodType ? z.input<T> : unknown
type File<O> = O extends { readonly file: infer Name extends string } ? Readonly<Record<Name, Blob>> : unknown
type Flat<T> = { [Name in keyof T]: T[Name] }

/** Of the path, of the query and of the body, in one: no name is in two of them. */
export type InputOf<O extends OperationContract> = Flat<Given<O['params']> & Given<O['query']> & Given<O['body']> & File<O>>

/** What the operation answers; files, streams and texts as they come. */
export type OutputOf<O extends OperationContract> = O['result'] extends z.ZodType ? z.output<O['result']> : Response

/** An operation that needs nothing may be given nothing. */
export type Method<O> = O extends OperationContract
  ? Record<never, never> extends InputOf<O>
    ? (input?: InputOf<O>, options?: CallOptions) => Promise<OutputOf<O>>
    : (input: InputOf<O>, options?: CallOptions) => Promise<OutputOf<O>>
  : never

/** Every operation of the contract by its resource: `client.callbacks.create`. */
export type Client = { readonly [R in keyof Contract]: { readonly [O in keyof Contract[R]]: Method<Contract[R][O]> } }
