import { z } from 'zod'
import { defineOperation } from '../operation.ts'

/** The end of an access token before its time. */
export const destroy = {
  create: defineOperation({
    method: 'POST',
    path: '/destroy',
    title: 'End a token',
    description:
      'The one in the body, or the one that the request shows. One that is unknown or has ended is fine (RFC 7009).',
    permission: 'public',
    body: z.strictObject({ access_token: z.string().max(1000).optional() }),
    result: z.object({ message: z.string() }),
    origin: 'original',
  }),
}
