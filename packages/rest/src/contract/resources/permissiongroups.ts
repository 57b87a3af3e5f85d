import { z } from 'zod'
import { defineOperation } from '../operation.ts'
import { permissionGroup } from './users.ts'

/** What each group of permissions holds. */
export const permissiongroups = {
  list: defineOperation({
    method: 'GET',
    path: '/permissiongroups',
    title: 'Read all permission groups',
    permission: 'signed-in',
    result: z.array(z.object({ name: permissionGroup, permissions: z.array(z.string()) })),
    origin: 'original',
  }),
}
