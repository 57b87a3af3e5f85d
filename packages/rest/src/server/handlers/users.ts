import { type User, listPermissions } from '@virtkit/core'
import type { Contract } from '../../contract/contract.ts'
import type { Handlers } from '../handler.ts'

export const userHandlers: Handlers<Contract['users']> = {
  create: async ({ services, body, by }) =>
    toWire(await services.users.add({ name: body.username, password: body.password }, by)),
  list: async ({ services, by }) => (await services.users.list(by)).map(toWire),
  current: async ({ services, by }) => toWire(await services.users.get(by.actor.user, by)),
  get: async ({ services, params, by }) => toWire(await services.users.get(params.key, by)),
  update: async ({ services, params, body, by }) =>
    toWire(await services.users.update(params.key, { name: body.username, password: body.password }, by)),
  updatePermissions: async ({ services, params, body, by }) =>
    toWire(await services.users.update(params.key, { permissionGroups: body.permissiongroups }, by)),
  remove: async ({ services, params, by }) => {
    await services.users.remove(params.key, by)
    return { msg: 'user deleted', key: params.key }
  },
}

function toWire({ key, name, permissionGroups }: User) {
  return {
    key,
    username: name,
    permissions: [...listPermissions(permissionGroups)],
    permissionsgroups: [...permissionGroups],
  }
}
