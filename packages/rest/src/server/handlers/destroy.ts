import type { Contract } from '../../contract/contract.ts'
import { bearerOf } from '../authenticate.ts'
import { RequestError } from '../error-answer.ts'
import type { Handlers } from '../handler.ts'

export const destroyHandlers: Handlers<Contract['destroy']> = {
  create: async ({ services, request, body }) => {
    const token = body.access_token ?? bearerOf(request)
    if (token === undefined) throw new RequestError(400, ['missing parameter: access_token'])
    await services.tokens.revoke(token)
    return { message: 'token destroyed' }
  },
}
