import { type Clock, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import type { UserActor } from '../access/actor.ts'
import { RoleAccess } from '../access/role-access.ts'
import { openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import { SqlEula } from './sql-eula.ts'

const access = new RoleAccess()
const user = (key: number, permissions: readonly string[] = []): { actor: UserActor } => ({
  actor: { kind: 'user', user: key, name: `user-${key}`, permissions: new Set(permissions), groups: [] },
})

eachDatabase((db) => {
  const told: string[] = []
  const events: Events = {
    append: async (_, { type, subject, data }) => void told.push(`${type} ${subject} ${JSON.stringify(data ?? {})}`),
    on: () => () => {},
    list: async () => [],
  }

  it('the license agreement is accepted by each user once for each text', async () => {
    told.length = 0
    await using open = await openDatabase(await db.options())
    let now = 5
    const clock: Clock = { ...systemClock, now: () => now }
    const withText = (text?: { de: string; en: string }) => new SqlEula(open.database, access, events, clock, text)
    const eula = withText({ de: 'Ja', en: 'Yes' })
    await expect(eula.requireAccepted(user(1))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await eula.requireAccepted()
    const accepted = await eula.accept(user(1))
    expect(accepted).toEqual({
      user: 1,
      name: 'user-1',
      acceptedAt: 5,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    now = 9
    expect(await Promise.all([eula.accept(user(1)), eula.accept(user(1))])).toEqual([accepted, accepted])
    await eula.requireAccepted(user(1))
    await expect(eula.requireAccepted(user(2))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(told).toHaveLength(1)
    // Another text, also where only the border between the languages has moved, is another agreement.
    const changed = withText({ de: 'JaY', en: 'es' })
    await expect(changed.requireAccepted(user(1))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await changed.accept(user(1))
    expect((await changed.acceptances()).map(({ acceptedAt }) => acceptedAt)).toEqual([5, 9])
    await expect(eula.acceptances(user(1))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(eula.accept({})).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const none = withText()
    expect(none.text()).toEqual({ de: '', en: '' })
    await none.requireAccepted(user(1))
    await expect(none.accept(user(1))).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})
