import type { NotificationDelivery, NotificationFilter, NotificationFilterInput, Secret } from '@virtkit/core'
import type { BodyOf } from '../../contract/operation.ts'
import type { notificationFilter } from '../../contract/resources/notification-filter.ts'
import { timesOf } from '../delivery-times.ts'
import type { Handlers } from '../handler.ts'
import { inWireWords } from '../in-wire-words.ts'

const names = { user: 'userkey', severities: 'filter' }

export const notificationFilterHandlers: Handlers<typeof notificationFilter> = {
  create: async ({ services, body, by }) =>
    toMade(await inWireWords(names, () => services.notifications.add(toInput(body), by))),
  list: async ({ services, by }) => (await services.notifications.list(by)).map(toWire),
  get: async ({ services, params, by }) => toWire(await services.notifications.get(params.key, by)),
  update: async ({ services, params, body, by }) =>
    toMade(await inWireWords(names, () => services.notifications.update(params.key, toInput(body), by))),
  remove: async ({ services, params, by }) => {
    await services.notifications.remove(params.key, by)
    return { msg: 'notification filter deleted' }
  },
  deliveries: async ({ services, params, query, by }) =>
    (await services.notifications.deliveries(params.key, query, by)).map(toDelivery),
}

function toInput({ type, to, userkey, filter }: BodyOf<typeof notificationFilter.create>): NotificationFilterInput {
  return { type, to, user: userkey, severities: filter }
}

function toWire({ key, user, type, to, severities }: NotificationFilter) {
  return { key, userkey: user, type, to, filter: [...severities] }
}

function toMade({ secret, ...filter }: NotificationFilter & { readonly secret?: Secret }) {
  return { ...toWire(filter), ...(secret && { secret: secret.reveal() }) }
}

function toDelivery(delivery: NotificationDelivery) {
  const { key, id, type, to, severity, title, state, attempts, problem = '' } = delivery
  return { key, id, type, to, severity, title, state, attempts, problem, ...timesOf(delivery) }
}
