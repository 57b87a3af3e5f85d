import { listPermissions, permissionGroupNames } from '@virtkit/core'
import type { Contract } from '../../contract/contract.ts'
import type { Handlers } from '../handler.ts'

export const permissiongroupHandlers: Handlers<Contract['permissiongroups']> = {
  list: async () => permissionGroupNames.map((name) => ({ name, permissions: [...listPermissions([name])] })),
}
