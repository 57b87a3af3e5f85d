import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AccessLab, openAccessLab, standingClock } from '../../test/access-lab.ts'

const right = 'correct horse'
const throttled = { code: 'UNAUTHENTICATED', details: { retryAfterMs: expect.any(Number) } }
const wrong = { code: 'UNAUTHENTICATED', details: {} }

eachDatabase((db) => {
  describe('failed logins', () => {
    let clock: ReturnType<typeof standingClock>
    let one: AccessLab
    let two: AccessLab

    beforeEach(async () => {
      clock = standingClock()
      const location = await db.options()
      one = await openAccessLab(location, clock)
      two = await openAccessLab(location, clock)
      await one.users.add({ name: 'ada', password: right, permissionGroups: ['administrator'] })
    })
    afterEach(async () => {
      await two[Symbol.asyncDispose]()
      await one[Symbol.asyncDispose]()
    })

    const fail = async (times: number, name = 'ada', address?: string): Promise<unknown[]> => {
      const errors: unknown[] = []
      for (let attempt = 0; attempt < times; attempt += 1) {
        const lab = attempt % 2 === 0 ? one : two
        const from = address === undefined ? {} : { address }
        errors.push(await lab.users.authenticate(name, 'guess', from).catch((error: unknown) => error))
      }
      return errors
    }

    it('make the account wait, in every process, longer each time, and not for good', async () => {
      expect(await fail(6)).toMatchObject([wrong, wrong, wrong, wrong, wrong, throttled])
      const checks = two.checks()
      await expect(two.users.authenticate('ada', right)).rejects.toMatchObject({ details: { retryAfterMs: 1000 } })
      expect(two.checks()).toBe(checks)
      clock.pass(1000)
      expect(await fail(2)).toMatchObject([wrong, { details: { retryAfterMs: 2000 } }])
      clock.pass(2000)
      expect(await one.users.authenticate('ada', right)).toMatchObject({ name: 'ada' })
      expect(await fail(6)).toMatchObject([wrong, wrong, wrong, wrong, wrong, throttled])
      clock.pass(300_000)
      expect(await two.users.authenticate('ada', right)).toMatchObject({ name: 'ada' })
    })

    it('of a name that nobody has are answered and counted alike', async () => {
      const text = (errors: unknown[]): string[] => errors.map((error) => JSON.stringify(error))
      expect(text(await fail(7, 'nobody'))).toEqual(text(await fail(7)))
      expect(await one.open.database.queries.selectFrom('loginFailures').select('failures').execute()).toEqual([
        { failures: 5 },
        { failures: 5 },
      ])
    })

    it('by strangers do not keep out who has logged in from there before', async () => {
      await one.users.authenticate('ada', right, { address: '10.0.0.1' })
      expect((await fail(6, 'ada', '203.0.113.9')).at(-1)).toMatchObject(throttled)
      expect(await two.users.authenticate('ada', right, { address: '10.0.0.1' })).toMatchObject({ name: 'ada' })
      await expect(two.users.authenticate('ada', right, { address: '10.0.0.2' })).rejects.toMatchObject(throttled)
      expect((await fail(6, 'ada', '10.0.0.1')).at(-1)).toMatchObject(throttled)
    })

    it('make the address wait as well, whatever the names; a right password of one does not help there', async () => {
      for (let name = 0; name < 30; name += 1) await fail(1, `user${name}`, '2001:db8::1')
      await expect(one.users.authenticate('ada', right, { address: '2001:db8::77' })).rejects.toMatchObject(throttled)
      expect(await one.users.authenticate('ada', right, { address: '2001:db8:1::1' })).toMatchObject({ name: 'ada' })
    })

    it('are forgotten after an hour', async () => {
      await fail(5)
      clock.pass(3_600_000)
      expect(await fail(5)).toMatchObject([wrong, wrong, wrong, wrong, wrong])
    })

    it('side by side gain nothing: with the fifth failure a right guess is not heard either', async () => {
      let letGo = (): void => {}
      one.hold(new Promise<void>((resolve) => (letGo = resolve)))
      const guess = one.users.authenticate('ada', right).catch((error: unknown) => error)
      await vi.waitFor(() => expect(one.checks()).toBe(1))
      for (let failure = 0; failure < 5; failure += 1) await two.users.authenticate('ada', 'guess').catch(() => {})
      letGo()
      expect(await guess).toMatchObject(throttled)
    })

    it('and logins are told, without what was typed; checks from one place within an hour are one login', async () => {
      await fail(1, 'my-password', '10.0.0.9')
      await fail(1, 'ada', '10.0.0.9')
      for (let check = 0; check < 3; check += 1) await one.users.authenticate('ada', right, { address: '10.0.0.9' })
      clock.pass(3_600_000)
      await one.users.authenticate('ada', right, { address: '10.0.0.9' })
      expect(await one.told()).toEqual([
        'user.created user/1',
        'login.failed user',
        'login.failed user/1',
        'login.succeeded user/1',
        'login.succeeded user/1',
      ])
      const rows = await one.open.database.queries.selectFrom('events').selectAll().execute()
      expect(JSON.stringify(rows)).not.toMatch(/my-password|guess|correct horse/)
    })
  })
})
