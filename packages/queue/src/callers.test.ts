import type { User, UserActor } from '@virtkit/core'
import { VirtkitError } from '@virtkit/spi'
import { expect, it } from 'vitest'
import { asUser } from './callers.ts'

const command = { id: 'a', version: 1, operation: 'x.y', input: {} } as const

it('a user who is renamed, removed or made again is who the name says now, or nobody', async () => {
  const users = new Map<number, string>()
  const list = async (): Promise<User[]> =>
    [...users].map(([key, name]) => ({ key, name, permissionGroups: [], createdAt: 0 }))
  const actor = async (user: number): Promise<UserActor> => {
    const name = users.get(user)
    if (name === undefined) throw new VirtkitError('NOT_FOUND', 'gone', { details: { what: 'user', id: String(user) } })
    return { kind: 'user', user, name, permissions: new Set(), groups: [] }
  }
  const whoAsks = asUser({ users: { list, actor } as never }, 'automation')
  expect(await whoAsks(command)).toBeUndefined()
  users.set(1, 'automation')
  expect(await whoAsks(command)).toMatchObject({ user: 1 })
  users.set(1, 'mallory').set(2, 'automation')
  expect(await whoAsks(command)).toMatchObject({ user: 2 })
  users.delete(2)
  expect(await whoAsks(command)).toBeUndefined()
})
