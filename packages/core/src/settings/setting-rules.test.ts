import { describe, expect, it } from 'vitest'
import { parseSettingsChange, settingDefaults, settingsFrom } from './setting-rules.ts'

const row = (name: string, value: unknown) => ({ name, value: JSON.stringify(value) })

describe('settingsFrom', () => {
  it('nothing stored means the defaults: 40 minutes, a week, every datastore', () => {
    const week = 7 * 24 * 3600 * 1000
    const defaults = { installTimeoutMs: 2_400_000, datastoreFilter: '', ignoredDatastores: [], deletionGraceMs: week }
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
    ]
    expect(settingsFrom(rows)).toEqual(settingDefaults)
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
  ])('refuses %s of %j, and names it', (field, value) => {
    expect(() => parseSettingsChange({ [field]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', details: { problems: [expect.objectContaining({ field })] } }),
    )
  })
})
