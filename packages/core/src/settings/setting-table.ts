export interface SettingTable {
  name: string
  /** JSON. */
  value: string
}
