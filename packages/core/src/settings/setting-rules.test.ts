import { describe, expect, it } from 'vitest'
import { isLogged } from './service-levels.ts'
import { parseSettingsChange, rowsOf, settingDefaults, settingsFrom } from './setting-rules.ts'

const row = (name: string, value: unknown) => ({ name, value: JSON.stringify(value) })

describe('settingsFrom', () => {
  it('nothing stored means the defaults: 40 minutes, a week, every datastore', () => {
    const week = 7 * 24 * 3600 * 1000
    const names = ['core', 'inventory', 'integrator', 'configurator', 'ipxebuilder', 'logcollector', 'notification']
    const defaults = {
      installTimeoutMs: 2_400_000,
      datastoreFilter: '',
      ignoredDatastores: [],
      deletionGraceMs: week,
      serviceLevels: Object.fromEntries(names.map((name) => [name, 'info'])),
    }
    expect(settingsFrom([])).toEqual(defaults)
    expect(settingDefaults).toEqual(defaults)
  })

  it('stored values come before defaults', () => {
    expect(settingsFrom([row('datastoreFilter', '^ssd')])).toEqual({ ...settingDefaults, datastoreFilter: '^ssd' })
  })

  it('what this version does not know or would not take counts as not stored', () => {
    const rows = [
      row('ofTomorrow', 1),
      row('installTimeoutMs', -5),
      { name: 'deletionGraceMs', value: '{' },
      row('toString', 1),
      row('serviceLevels.core', 'loud'),
      row('serviceLevels.toString', 'debug'),
      row('serviceLevels', { core: 'debug' }),
    ]
    expect(settingsFrom(rows)).toEqual(settingDefaults)
  })

  it('what is written is read again, each level by itself', () => {
    const change = { datastoreFilter: '^ssd', serviceLevels: { core: 'debug', notification: 'critical' } } as const
    expect(rowsOf(change).map(({ name }) => name)).toEqual([
      'datastoreFilter',
      'serviceLevels.core',
      'serviceLevels.notification',
    ])
    const { serviceLevels, ...rest } = settingDefaults
    expect(settingsFrom(rowsOf(change))).toEqual({
      ...rest,
      datastoreFilter: '^ssd',
      serviceLevels: { ...serviceLevels, ...change.serviceLevels },
    })
  })
})

describe('parseSettingsChange', () => {
  it.each([
    ['installTimeoutMs', 999],
    ['installTimeoutMs', 1000.5],
    ['deletionGraceMs', -1],
    ['datastoreFilter', '('],
    ['ignoredDatastores', 'ssd'],
    ['unheardOf', 1],
    ['serviceLevels', 'debug'],
  ])('refuses %s of %j, and names it', (field, value) => {
    expect(() => parseSettingsChange({ [field]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', details: { problems: [expect.objectContaining({ field })] } }),
    )
  })
})

it('a level that nobody knows, and a service that nobody has, are named', () => {
  const wrong = { serviceLevels: { core: 'loud', kitchen: 'info' } } as never
  const fields = ['serviceLevels.core', 'serviceLevels.kitchen']
  expect(() => parseSettingsChange(wrong)).toThrow(
    expect.objectContaining({ details: { problems: fields.map((field) => expect.objectContaining({ field })) } }),
  )
})

it('a service logs its level and what is more important', () => {
  expect([isLogged('debug', 'info'), isLogged('info', 'info'), isLogged('critical', 'info')]).toEqual([false, true, true])
})
