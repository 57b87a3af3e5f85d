import { type Clock, systemClock } from '@virtkit/spi'
import { eachDatabase } from '@virtkit/test-databases'
import { expect, it } from 'vitest'
import type { UserActor } from '../access/actor.ts'
import { RoleAccess } from '../access/role-access.ts'
import { openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import { kitVersion } from './kit-version.ts'
import { SqlUpdates } from './sql-updates.ts'

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

  it('an update is available, scheduled once, and over when it runs', async () => {
    told.length = 0
    await using open = await openDatabase(await db.options())
    let now = 0
    let answer: () => Promise<string | undefined> = async () => '1.1.0'
    let asked = 0
    const clock: Clock = { ...systemClock, now: () => now }
    const available = () => {
      asked += 1
      return answer()
    }
    const running = (current: string) => new SqlUpdates(open.database, access, events, clock, { current, available })
    const updates = running('1.0.0')
    const known = { currentVersion: '1.0.0', availableVersion: '1.1.0', isAvailable: true }
    expect(await updates.status()).toEqual({ ...known, isScheduled: false })
    expect(await updates.schedule()).toEqual({ ...known, isScheduled: true })
    expect(await updates.schedule()).toEqual({ ...known, isScheduled: true })
    expect(asked).toBe(1)
    expect(told).toEqual(['update.scheduled update {"version":"1.1.0","from":"1.0.0"}'])
    expect(await running('1.1.0').schedule()).toMatchObject({ isAvailable: false, isScheduled: false })
    expect(told).toHaveLength(1)
    now += 600_000
    answer = async () => '1.2.0'
    expect(await updates.schedule()).toMatchObject({ availableVersion: '1.2.0', isScheduled: true })
    expect(told).toHaveLength(2)
    expect(await running('1.1.0').status()).toMatchObject({ isScheduled: true })
    // A source that fails, or says what is no version, is asked again the next time.
    now += 600_000
    answer = async () => Promise.reject(new Error('down'))
    expect(await updates.status()).toMatchObject({ availableVersion: '', isAvailable: false, isScheduled: true })
    answer = async () => '<script>'
    expect(await updates.status()).toMatchObject({ availableVersion: '' })
    answer = async () => '1.3.0'
    expect(await updates.status()).toMatchObject({ availableVersion: '1.3.0' })
    await expect(updates.schedule(user(1, ['settings:read']))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(updates.status(user(1))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const off = new SqlUpdates(open.database, access, events, clock, undefined)
    expect(await off.status()).toMatchObject({ currentVersion: kitVersion, availableVersion: '', isAvailable: false })
    await expect(off.schedule()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})
