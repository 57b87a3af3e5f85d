import { z } from 'zod'
import { textField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import type { SettingValues } from './settings.ts'

const minute = 60_000
const day = 24 * 60 * minute

export const settingDefaults: SettingValues = {
  installTimeoutMs: 40 * minute,
  datastoreFilter: '',
  ignoredDatastores: [],
  deletionGraceMs: 7 * day,
}

const fields = {
  installTimeoutMs: z
    .int()
    .min(1000)
    .max(7 * day),
  datastoreFilter: z
    .string()
    .max(500)
    .refine((text) => isPattern(text), 'must be a regular expression'),
  ignoredDatastores: z.array(textField(200)).max(1000),
  deletionGraceMs: z
    .int()
    .min(0)
    .max(365 * day),
} satisfies Record<keyof SettingValues, z.ZodType>
const change = z.strictObject(fields).partial()

/** Only what is named. */
export function parseSettingsChange(input: unknown): Partial<SettingValues> {
  return parseWith(change, input)
}

/** Stored values over the defaults. What this version does not know or would not take counts as not stored. */
export function settingsFrom(rows: readonly { readonly name: string; readonly value: string }[]): SettingValues {
  const stored = rows.flatMap(({ name, value }) => {
    const field = Object.hasOwn(fields, name) ? fields[name as keyof SettingValues] : undefined
    const result = field?.safeParse(tryJson(value))
    return result?.success ? [[name, result.data]] : []
  })
  return { ...settingDefaults, ...(Object.fromEntries(stored) as Partial<SettingValues>) }
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
