import type { By } from '../access/actor.ts'

/** Settings of an installation. Each has a default, to which `reset` returns. */
export interface Settings {
  get(by?: By): Promise<SettingValues>
  /** Changes what is named. Throws `INVALID_INPUT`. */
  update(change: Partial<SettingValues>, by?: By): Promise<SettingValues>
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
}
