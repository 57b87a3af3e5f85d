import type { InputOf } from '@virtkit/rest/client'
import type { Contract, OperationContract } from '@virtkit/rest/contract'
import { z } from 'zod'

/** An operation of the REST contract, as its typed client finds it: `virtualMachines.create`. */
export type CommandName = { [R in keyof Contract]: `${R}.${keyof Contract[R] & string}` }[keyof Contract]

type ContractOf<Name> = Name extends `${infer R extends keyof Contract}.${infer O}`
  ? O extends keyof Contract[R]
    ? Contract[R][O]
    : never
  : never

/** What the operation takes: its fields of path, query and body, in one. */
export type CommandInput<Name extends CommandName> =
  ContractOf<Name> extends infer O extends OperationContract ? InputOf<O> : never

/** The version of the envelope that is spoken here. */
export const commandVersion = 1

/** A change that is asked for by a message: the same as a request to the REST API, and answered by the same code. */
export interface Command {
  /** Unique for ever: whatever comes with it a second time acts no second time. It is the request's `Idempotency-Key`. */
  readonly id: string
  readonly version: typeof commandVersion
  /** `virtualMachines.create`. */
  readonly operation: string
  readonly input: Readonly<Record<string, unknown>>
  /** Says who asks, where the host reads it: an access token, as it would be sent to the REST API. */
  readonly token?: string
  /** W3C `traceparent`: what comes of it carries the trace on. */
  readonly traceparent?: string
  /** How often it was tried before; ours to set. */
  readonly attempt?: number
}

const schema = z.strictObject({
  id: z.string().regex(/^[!#-+\--~]{1,200}$/, 'must be 1 to 200 characters without spaces, such as a UUID'),
  version: z.literal(commandVersion),
  operation: z.string().min(1).max(100),
  input: z.record(z.string(), z.unknown()).default({}),
  token: z.string().min(1).max(4096).optional(),
  traceparent: z.string().max(100).optional(),
  attempt: z.int().min(0).max(1_000_000).optional(),
})

export type Parsed = { readonly command: Command } | { readonly problems: readonly string[]; readonly isNewer: boolean }

/** Reads what came: the command, or every problem with it. `isNewer`: another process may understand it. */
export function readCommand(body: unknown): Parsed {
  const result = schema.safeParse(body)
  if (result.success) {
    const { traceparent, token, attempt, ...rest } = result.data
    const more = { ...(traceparent !== undefined && { traceparent }), ...(attempt !== undefined && { attempt }) }
    return { command: { ...rest, ...more, ...(token !== undefined && { token }) } }
  }
  const version = typeof body === 'object' && body !== null ? (body as { version?: unknown }).version : undefined
  const isNewer = typeof version === 'number' && Number.isInteger(version) && version > commandVersion
  if (isNewer) return { problems: [`version: ${version} is not spoken here, but ${commandVersion}`], isNewer }
  return {
    problems: result.error.issues.map(
      ({ path, message }) => `${path.length === 0 ? 'message' : path.join('.')}: ${message}`,
    ),
    isNewer,
  }
}
