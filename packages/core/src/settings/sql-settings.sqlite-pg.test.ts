import { eachDatabase } from '@virtkit/test-databases'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UserActor } from '../access/actor.ts'
import { RoleAccess } from '../access/role-access.ts'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Events } from '../events/events.ts'
import { settingDefaults } from './setting-rules.ts'
import { SqlSettings } from './sql-settings.ts'

eachDatabase((db) => {
  describe('SqlSettings', () => {
    let open: OpenDatabase
    let told: string[]
    let settings: SqlSettings
    const events: Events = {
      append: async (_, { type, data }) => void told.push(`${type} ${JSON.stringify(data ?? {})}`),
      on: () => () => {},
      list: async () => [],
    }

    beforeEach(async () => {
      told = []
      open = await openDatabase(await db.options())
      settings = new SqlSettings(open.database, new RoleAccess(), events)
    })
    afterEach(() => open[Symbol.asyncDispose]())

    it('a change keeps what it does not name', async () => {
      await settings.update({ datastoreFilter: '^ssd', ignoredDatastores: ['ssd-9'] })
      const changed = await settings.update({ installTimeoutMs: 5000, datastoreFilter: undefined })
      const expected = { ...settingDefaults, datastoreFilter: '^ssd', ignoredDatastores: ['ssd-9'], installTimeoutMs: 5000 }
      expect(changed).toEqual(expected)
      expect(await settings.get()).toEqual(expected)
      expect(await open.database.transaction((queries) => settings.within(queries))).toEqual(expected)
      expect(told.at(-1)).toBe('settings.updated {"installTimeoutMs":5000}')
    })

    it('a value may be changed again, and reset returns to the defaults', async () => {
      await settings.update({ installTimeoutMs: 5000 })
      expect(await settings.update({ installTimeoutMs: 6000 })).toMatchObject({ installTimeoutMs: 6000 })
      expect(await settings.reset()).toEqual(settingDefaults)
      expect(await settings.get()).toEqual(settingDefaults)
    })

    it('two who set two levels keep both, and a replacement returns the rest to its defaults', async () => {
      const one = settings.update({ serviceLevels: { core: 'debug' } })
      await Promise.all([one, settings.update({ serviceLevels: { inventory: 'error' } })])
      expect(await settings.get()).toMatchObject({
        serviceLevels: { core: 'debug', inventory: 'error', integrator: 'info' },
      })
      const replaced = await settings.replace({ datastoreFilter: '^ssd', serviceLevels: { core: 'trace' } })
      const { serviceLevels } = settingDefaults
      const expected = { ...settingDefaults, datastoreFilter: '^ssd', serviceLevels: { ...serviceLevels, core: 'trace' } }
      expect(replaced).toEqual(expected)
      expect(await settings.get()).toEqual(expected)
      await expect(settings.replace({ installTimeoutMs: 1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect(await settings.get()).toEqual(expected)
    })

    it('of two replacements at once, one is there as a whole', async () => {
      const [a, b] = [{ installTimeoutMs: 5000 }, { datastoreFilter: '^ssd', deletionGraceMs: 0 }]
      for (let round = 0; round < 10; round += 1) {
        await Promise.all([settings.replace(a), settings.replace(b)])
        expect([
          { ...settingDefaults, ...a },
          { ...settingDefaults, ...b },
        ]).toContainEqual(await settings.get())
      }
    })

    it('one wrong value, and nothing of the change is taken', async () => {
      const change = { installTimeoutMs: 5000, datastoreFilter: '(' }
      await expect(settings.update(change)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect(await settings.get()).toEqual(settingDefaults)
      expect(told.length).toBe(0)
    })

    it('who may only read may not change', async () => {
      const actor: UserActor = { kind: 'user', user: 1, name: 'ada', permissions: new Set(['settings:read']), groups: [] }
      expect(await settings.get({ actor })).toEqual(settingDefaults)
      await expect(settings.update({}, { actor })).rejects.toMatchObject({ details: { permission: 'settings:write' } })
      await expect(settings.replace({}, { actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(settings.reset({ actor })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    })
  })
})
