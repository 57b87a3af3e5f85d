/** At most one row. What it says is in the document alone, so that nobody changes it without the key. */
export interface LicenseTable {
  key: number
  document: string
  installedAt: number
}
