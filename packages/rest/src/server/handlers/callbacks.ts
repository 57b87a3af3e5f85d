import type { Callback, CallbackDelivery, CallbackInput } from '@virtkit/core'
import type { callbacks } from '../../contract/resources/callbacks.ts'
import type { BodyOf } from '../../contract/operation.ts'
import { timesOf } from '../delivery-times.ts'
import { durationToMs, toNanoseconds } from '../durations.ts'
import type { Handlers } from '../handler.ts'
import { inWireWords } from '../in-wire-words.ts'

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
  deliveries: async ({ services, params, query, by }) =>
    (await services.callbacks.deliveries(params.key, query, by)).map(toDelivery),
  replay: async ({ services, params, by }) => toDelivery(await services.callbacks.replay(params.key, params.delivery, by)),
  replayDead: async ({ services, params: { key }, by }) => {
    const count = await services.callbacks.replayDead(key, by)
    return { msg: count === 0 ? 'there was no dead letter' : 'dead letters are told again', key, count }
  },
  rotateSecret: async ({ services, params: { key }, body: { grace }, by }) => {
    const options = grace === undefined ? {} : { graceMs: durationToMs(grace, 'grace') }
    const rotate = () => services.callbacks.rotateSecret(key, options, by)
    const { secret, formerUntil } = await inWireWords({ graceMs: 'grace' }, rotate)
    return { key, secret: secret.reveal(), formeruntil: toNanoseconds(formerUntil) }
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

function toDelivery(delivery: CallbackDelivery) {
  const { key, callback, id, when, subject, url, state, attempts, problem = '' } = delivery
  return { key, callbackkey: callback, id, kind: when, subject, url, state, attempts, problem, ...timesOf(delivery) }
}
