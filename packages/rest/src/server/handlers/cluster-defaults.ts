import type { ClusterDefaultsInput, StoredClusterDefaults } from '@virtkit/core'
import type { BodyOf } from '../../contract/operation.ts'
import type { clusterDefaults } from '../../contract/resources/cluster-defaults.ts'
import type { Handlers } from '../handler.ts'

export const clusterDefaultHandlers: Handlers<typeof clusterDefaults> = {
  create: async ({ services, body, by }) => toWire(await services.clusterDefaults.add(toInput(body), by)),
  list: async ({ services, by }) => (await services.clusterDefaults.list(by)).map(toWire),
  get: async ({ services, params, by }) => toWire(await services.clusterDefaults.get(params.key, by)),
  update: async ({ services, params, body, by }) =>
    toWire(await services.clusterDefaults.update(params.key, toInput(body), by)),
  remove: async ({ services, params, by }) => {
    await services.clusterDefaults.remove(params.key, by)
    return { msg: 'cluster defaults deleted', key: params.key }
  },
}

function toInput(body: BodyOf<typeof clusterDefaults.create>): ClusterDefaultsInput {
  const { datacenter, ressourcepool, host, datastore } = body
  return {
    ...(datacenter !== '' && { datacenter }),
    ...(ressourcepool !== '' && { resourcePool: ressourcepool }),
    ...(host !== '' && { host }),
    ...(datastore !== '' && { datastore }),
  }
}

function toWire({ key, datacenter = '', resourcePool = '', host = '', datastore = '' }: StoredClusterDefaults) {
  return { key, datacenter, ressourcepool: resourcePool, host, datastore }
}
