import { z } from 'zod'
import { defineOperation } from '../operation.ts'

const grant = z.literal('client_credentials', 'must be client_credentials')
const name = z.string().max(1000)

const issued = z.object({
  access_token: z.string(),
  expires_in: z.int().meta({ description: 'seconds' }),
  token_type: z.literal('bearer'),
})

/** Access tokens, as OAuth 2.0 gives them to clients with a secret of their own (RFC 6749, 4.4): here, name and password. */
export const token = {
  get: defineOperation({
    method: 'GET',
    path: '/token',
    title: 'Get a token',
    description:
      'As the original has it. Passwords in addresses end up in logs of proxies and browsers: use POST, and switch this off.',
    permission: 'public',
    query: z.strictObject({
      grant_type: grant,
      client_id: name.meta({ description: 'user name' }),
      client_secret: name.meta({ description: 'password' }),
    }),
    result: issued,
    origin: 'original',
  }),
  create: defineOperation({
    method: 'POST',
    path: '/token',
    title: 'Get a token',
    description: 'Name and password in the body, or by HTTP Basic with both form-encoded (RFC 6749, 2.3.1); not by both.',
    permission: 'public',
    body: z.strictObject({
      grant_type: grant.optional(),
      grand_type: grant.optional().meta({ description: 'the same, as the original spells it' }),
      client_id: name.optional().meta({ description: 'user name' }),
      client_secret: name.optional().meta({ description: 'password' }),
      scope: z.string().max(1000).optional().meta({ description: 'not looked at: a token may do what the user may' }),
    }),
    result: issued,
    origin: 'original',
  }),
}
