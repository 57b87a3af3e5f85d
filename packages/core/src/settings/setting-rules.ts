import { z } from 'zod'
import { textField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import { type ServiceLevels, defaultLevels, levelField, serviceNames } from './service-levels.ts'
import type { SettingValues, SettingsChange } from './settings.ts'

const minute = 60_000
const day = 24 * 60 * minute

export const settingDefaults: SettingValues = {
  installTimeoutMs: 40 * minute,
  datastoreFilter: '',
  ignoredDatastores: [],
  deletionGraceMs: 7 * day,
  serviceLevels: defaultLevels,
}

const fields = {
  installTimeoutMs: z
    .int()
    .min(1000, 'must be at least one second')
    .max(7 * day, 'must be at most 7 days'),
  datastoreFilter: z
    .string()
    .max(500)
    .refine((text) => isPattern(text), 'must be a regular expression'),
  ignoredDatastores: z.array(textField(200)).max(1000),
  deletionGraceMs: z
    .int()
    .min(0)
    .max(365 * day, 'must be at most 365 days'),
} satisfies Record<Exclude<keyof SettingValues, 'serviceLevels'>, z.ZodType>

const levels = Object.fromEntries(serviceNames.map((name) => [name, levelField.optional()]))
const change = z.strictObject({ ...fields, serviceLevels: z.strictObject(levels) }).partial()

export interface SettingRow {
  readonly name: string
  /** JSON. */
  readonly value: string
}

/** Only what is named. */
export function parseSettingsChange(input: unknown): SettingsChange {
  return parseWith(change, input) as SettingsChange
}

/** A row for each value that is named. Each service's level has its own, so that two who change two services keep both. */
export function rowsOf({ serviceLevels = {}, ...values }: SettingsChange): SettingRow[] {
  const levelsByName = Object.entries(serviceLevels).map(([service, level]) => [`${levelPrefix}${service}`, level] as const)
  return [...Object.entries(values), ...levelsByName].flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: JSON.stringify(value) }],
  )
}

const levelPrefix = 'serviceLevels.'

/** Stored values over the defaults. What this version does not know or would not take counts as not stored. */
export function settingsFrom(rows: readonly SettingRow[]): SettingValues {
  const read = (shape: Readonly<Record<string, z.ZodType>>, prefix: string) =>
    Object.fromEntries(
      rows.flatMap(({ name: stored, value }) => {
        const name = stored.startsWith(prefix) ? stored.slice(prefix.length) : ''
        const result = Object.hasOwn(shape, name) ? shape[name]!.safeParse(tryJson(value)) : undefined
        return result?.success ? [[name, result.data]] : []
      }),
    )
  const serviceLevels = { ...defaultLevels, ...(read(levels, levelPrefix) as Partial<ServiceLevels>) }
  return { ...settingDefaults, ...(read(fields, '') as Partial<SettingValues>), serviceLevels }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isPattern(text: string): boolean {
  try {
    void new RegExp(text)
    return true
  } catch {
    return false
  }
}
