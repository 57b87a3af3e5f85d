import type { IssuedToken } from '@virtkit/core'
import type { Contract } from '../../contract/contract.ts'
import { type Credentials, basicOf } from '../authenticate.ts'
import { RequestError } from '../error-answer.ts'
import type { Call, Handlers } from '../handler.ts'

export const tokenHandlers: Handlers<Contract['token']> = {
  get: async (call) => login(call, { name: call.query.client_id, password: call.query.client_secret }),
  create: async (call) => login(call, credentialsOf(call.request, call.body)),
}

async function login({ services, from }: Call, { name, password }: Credentials) {
  return toWire(await services.tokens.login(name, password, from))
}

/** From the header or from the body: a client may use one of them (RFC 6749, 2.3). */
function credentialsOf(request: Request, body: { client_id?: string | undefined; client_secret?: string | undefined }) {
  const { client_id: name, client_secret: password } = body
  const basic = basicOf(request)
  if (basic) {
    if (name !== undefined || password !== undefined)
      throw new RequestError(400, ['client_id: name and password came twice; send them by HTTP Basic or in the body'])
    return { name: decodeForm(basic.name), password: decodeForm(basic.password) }
  }
  const missing = [...(name === undefined ? ['client_id'] : []), ...(password === undefined ? ['client_secret'] : [])]
  if (missing.length > 0)
    throw new RequestError(
      400,
      missing.map((each) => `missing parameter: ${each}`),
    )
  return { name: name!, password: password! }
}

/** In this place, Basic has both form-encoded (RFC 6749, 2.3.1). What is not is meant as it stands. */
function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function toWire({ token, lifetimeMs }: IssuedToken) {
  return {
    access_token: token.reveal(),
    expires_in: Math.floor(lifetimeMs / 1000),
    token_type: 'bearer' as const,
  }
}
