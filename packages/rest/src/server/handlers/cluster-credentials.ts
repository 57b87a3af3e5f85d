import type { clusterCredentials } from '../../contract/resources/cluster-credentials.ts'
import type { Handlers } from '../handler.ts'

export const clusterCredentialHandlers: Handlers<typeof clusterCredentials> = {
  create: ({ services, body, by }) => services.credentials.add(body, by),
  list: async ({ services, by }) => [...(await services.credentials.list(by))],
  get: ({ services, params, by }) => services.credentials.get(params.key, by),
  update: ({ services, params, body, by }) => services.credentials.update(params.key, body, by),
  remove: async ({ services, params, by }) => {
    await services.credentials.remove(params.key, by)
    return { msg: 'cluster credentials deleted', key: params.key }
  },
  test: async ({ kit, params, body, by }) => {
    const { product, version } = await kit.credentials.test(params.key, body.type, by)
    return { msg: `${product} ${version} answers`, key: params.key }
  },
}
