import type { Group } from '@virtkit/core'
import type { Contract } from '../../contract/contract.ts'
import type { BodyOf } from '../../contract/operation.ts'
import type { Handlers } from '../handler.ts'

export const usergroupHandlers: Handlers<Contract['usergroups']> = {
  create: async ({ services, body, by }) => toWire(await services.groups.add(toInput(body), by)),
  list: async ({ services, by }) => (await services.groups.list(by)).map(toWire),
  get: async ({ services, params, by }) => toWire(await services.groups.get(params.key, by)),
  update: async ({ services, params, body, by }) => toWire(await services.groups.update(params.key, toInput(body), by)),
  remove: async ({ services, params, by }) => {
    await services.groups.remove(params.key, by)
    return { msg: 'user group deleted', key: params.key }
  },
}

function toInput({ groupname, users, networks = [], clusters = [] }: BodyOf<Contract['usergroups']['create']>) {
  return { name: groupname, users, networks, clusters }
}

function toWire({ key, name, users, networks, clusters }: Group) {
  return { key, groupname: name, users: [...users], networks: [...networks], clusters: [...clusters] }
}
