import type { Cluster } from '@virtkit/core'
import type { clusters } from '../../contract/resources/clusters.ts'
import type { Handlers } from '../handler.ts'
import { clusterContentHandlers } from './cluster-contents.ts'

export const clusterHandlers: Handlers<typeof clusters> = {
  create: async ({ services, body, by }) => {
    const { name, type, credentialskey, defaultskey, callbacks, options } = body
    const defaults = defaultskey === 0 ? {} : { defaults: defaultskey }
    const cluster = { name, type, credentials: credentialskey, ...defaults, callbacks, options }
    return toWire(await services.clusters.add(cluster, by))
  },
  list: async ({ services, by }) => (await services.clusters.list(by)).map(toWire),
  get: async ({ services, params, by }) => toWire(await services.clusters.get(params.key, by)),
  update: async ({ services, params, body, by }) => {
    const { name, type, credentialskey, defaultskey, callbacks, options } = body
    const defaultsKey = defaultskey === 0 ? null : defaultskey
    const change = { name, type, credentialsKey: credentialskey, defaultsKey, callbacks, options }
    return toWire(await services.clusters.update(params.key, change, by))
  },
  remove: async ({ services, params, by }) => {
    await services.clusters.remove(params.key, by)
    return { msg: 'cluster deleted', key: params.key }
  },
  ...clusterContentHandlers,
}

function toWire({ key, name, type, credentialsKey, defaultsKey = 0, callbacks, options }: Cluster) {
  return { key, name, type, credentialskey: credentialsKey, defaultskey: defaultsKey, callbacks: [...callbacks], options }
}
