import type { Callback, CallbackInput } from '@virtkit/core'
import type { callbacks } from '../../contract/resources/callbacks.ts'
import type { BodyOf } from '../../contract/operation.ts'
import type { Handlers } from '../handler.ts'

export const callbackHandlers: Handlers<typeof callbacks> = {
  create: async ({ services, body, by }) => {
    const { secret, ...made } = await services.callbacks.add(toInput(body), by)
    return { ...toWire(made), secret: secret.reveal() }
  },
  list: async ({ services, by }) => (await services.callbacks.list(by)).map(toWire),
  get: async ({ services, params, by }) => toWire(await services.callbacks.get(params.key, by)),
  update: async ({ services, params, body, by }) => toWire(await services.callbacks.update(params.key, toInput(body), by)),
  remove: async ({ services, params, by }) => {
    await services.callbacks.remove(params.key, by)
    return { msg: 'callback deleted', key: params.key }
  },
}

function toInput(body: BodyOf<typeof callbacks.create>): CallbackInput {
  return {
    successUrl: body.callbackurl,
    errorUrl: body.errorcallbackurl,
    startUrl: body.installcallbackurl,
    deleteUrl: body.deletecallbackurl,
    notes: body.notes,
  } as CallbackInput
}

function toWire(callback: Callback) {
  return {
    key: callback.key,
    callbackurl: callback.successUrl,
    errorcallbackurl: callback.errorUrl,
    installcallbackurl: callback.startUrl ?? '',
    deletecallbackurl: callback.deleteUrl ?? '',
    notes: callback.notes,
  }
}
