import { z } from 'zod'
import { type ListQuery, listQuery } from './lists.ts'

/** One operation of the API as data: server checks, typed client, OpenAPI document and reference page come from it. */
export interface OperationContract {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base, parameters as `:name`. */
  readonly path: string
  readonly title: string
  readonly description?: string
  /** What the caller must hold. `public`: no authentication; `signed-in`: any user. */
  readonly permission: string
  /** Of the path. */
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** Form-encoded or JSON. `file`: multipart with a file under this name. */
  readonly body?: z.ZodObject
  readonly file?: string
  /** `binary`: a file; `stream`: events; `text`: for people and scrapers. Left out with `results`-less answers of the original. */
  readonly result: z.ZodType | 'binary' | 'stream' | 'text'
  /** Default 200. */
  readonly status?: 200 | 201 | 202
  /** It may take long: it answers 202 with `accepted` (see `accepted.ts`) in place of `result` when it goes on as an operation. */
  readonly goesOn?: true
  /** A stream that ends for good: who resumes after its end is answered 204. */
  readonly mayBeOver?: true
  /** Of a change: how it is carried out with an `Idempotency-Key`. See `runsOf` for what goes without saying. */
  readonly runs?: Runs
  /** `original`: of the API that we re-implement. */
  readonly origin: 'original' | 'virtkit'
}

/**
 * `in-transaction`: it writes to the database; its effect and its answer are one commit. What then turns out to ask a hypervisor, or to
 * wait, is rolled back and done as `keyed`. `keyed`: it does more than that, and what it does by the key it is given, it does once.
 * `again`: a second time does no harm, and the key is not looked at.
 */
export type Runs = 'in-transaction' | 'keyed' | 'again'

/** How a change is carried out: in a transaction unless it says otherwise, has no caller, or answers no JSON. */
export function runsOf({ runs, permission, result }: OperationContract): Runs {
  return runs ?? (permission === 'public' || typeof result === 'string' ? 'again' : 'in-transaction')
}

/** An operation with its own types. One that answers a list of objects, and says nothing of a query, can be asked as `listQuery` says. */
export function defineOperation<const O extends OperationContract>(operation: O): Asked<O> {
  const { method, query, result } = operation
  const item = method === 'GET' && query === undefined && result instanceof z.ZodArray ? result.element : undefined
  return (item instanceof z.ZodObject ? { ...operation, query: listQuery(item) } : operation) as Asked<O>
}

type Asked<O extends OperationContract> = O extends { readonly query: z.ZodObject }
  ? O
  : O extends { readonly method: 'GET'; readonly result: z.ZodArray<infer Item extends z.ZodObject> }
    ? O & { readonly query: ListQuery<Item> }
    : O

type Fields<T> = T extends z.ZodType ? z.output<T> : Record<never, never>

/** What a handler of the operation is given: checked, with defaults filled in. */
export type ParamsOf<O extends OperationContract> = Fields<O['params']>
export type QueryOf<O extends OperationContract> = Fields<O['query']>
export type BodyOf<O extends OperationContract> = Fields<O['body']>
/** What it answers. */
export type ResultOf<O extends OperationContract> = O['result'] extends z.ZodType ? z.input<O['result']> : Response

/** Operations by their name, as `callbacks.create` finds them in the contract. */
export type Resource = Readonly<Record<string, OperationContract>>
