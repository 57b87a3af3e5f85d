import type { By } from '../access/actor.ts'
import type { ServiceLevels } from './service-levels.ts'

/** Settings of an installation. Each has a default, to which `reset` returns. */
export interface Settings {
  get(by?: By): Promise<SettingValues>
  /** Changes what is named; of levels, those that are named. Throws `INVALID_INPUT`. */
  update(change: SettingsChange, by?: By): Promise<SettingValues>
  /** The same, and what is not named returns to its default. Throws `INVALID_INPUT`, and then nothing has changed. */
  replace(values: SettingsChange, by?: By): Promise<SettingValues>
  reset(by?: By): Promise<SettingValues>
}

export interface SettingValues {
  /** How long an installation may take, in milliseconds. Default 40 minutes. */
  readonly installTimeoutMs: number
  /** Datastores that `auto` may choose, as a regular expression on the name. Default: all. */
  readonly datastoreFilter: string
  /** Datastores that `auto` never chooses. */
  readonly ignoredDatastores: readonly string[]
  /** How long a deletion is retried before it is forced, in milliseconds. Default 7 days. */
  readonly deletionGraceMs: number
  /** What each service logs. Default: `info`. */
  readonly serviceLevels: ServiceLevels
}

export type SettingsChange = Partial<Omit<SettingValues, 'serviceLevels'>> & {
  readonly serviceLevels?: Partial<ServiceLevels>
}
