import type { Described } from './openapi-document.ts'
import type { OperationContract } from './operation.ts'

// What HTTP itself has for everything that is read, and for everything that changes something.

/** Something that is read, as JSON: it has a tag. */
export const isRead = ({ method, result }: OperationContract): boolean => method === 'GET' && typeof result !== 'string'

const isChange = ({ method, permission, result }: OperationContract): boolean =>
  method !== 'GET' && permission !== 'public' && typeof result !== 'string'

const header = (name: string, description: string): Described => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
})

/** Named as the parts of the document are. */
export const headerParameters: Described = {
  IdempotencyKey: header(
    'Idempotency-Key',
    'a name of yours for this change: the same change with the same name happens once, and answers the same',
  ),
  IfMatch: header('If-Match', 'the `ETag` that was read: refused with 412 where it has changed since'),
  IfNoneMatch: header('If-None-Match', 'the `ETag` that was read: answered with 304 where it has not changed since'),
}

const refer = (name: string): Described => ({ $ref: `#/components/parameters/${name}` })

/** The headers that an operation looks at. */
export function parametersOf(operation: OperationContract): Described[] {
  if (isRead(operation)) return [refer('IfNoneMatch')]
  return isChange(operation) ? [refer('IdempotencyKey'), refer('IfMatch')] : []
}

/** The headers of its answer. */
export function headersOf(operation: OperationContract): { headers?: Described } {
  if (!isRead(operation)) return {}
  const tag = { ETag: { description: 'tells what was read from what comes after', schema: { type: 'string' } } }
  const isPaged = operation.query !== undefined && Object.hasOwn(operation.query.shape, 'after')
  const link = { Link: { description: 'where the next page is (RFC 8288)', schema: { type: 'string' } } }
  return { headers: { ...tag, ...(isPaged && link) } }
}
