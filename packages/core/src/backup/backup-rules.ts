import { type VirtkitError, invalidInput } from '@virtkit/spi'
import { z } from 'zod'

/** Sorts tables so that each comes after those that its rows refer to. */
export function inOrderOfReference(names: readonly string[], references: readonly (readonly [string, string])[]): string[] {
  const sorted: string[] = []
  const visit = (name: string): void => {
    if (sorted.includes(name) || !names.includes(name)) return
    for (const [from, to] of references) if (from === name && to !== name) visit(to)
    sorted.push(name)
  }
  for (const name of names) visit(name)
  return sorted
}

/** How a backup begins; the number is the version of the format. */
export const magic: string = 'virtkit-backup 1\n'

/** The second line of a backup, in clear; everything behind it hangs on it. */
export interface BackupHeader {
  readonly id: string
  readonly createdAt: number
  readonly installation: string
  /** Of the schema that the rows fit. */
  readonly migrations: readonly string[]
  readonly encryption: FileEncryption
  /** The id, sealed: tells whether a key ring is the one that sealed the secrets inside. */
  readonly ring: string
}

export type FileEncryption =
  | { readonly kind: 'none' }
  | { readonly kind: 'installation'; readonly sealedKey: string }
  | { readonly kind: 'passphrase'; readonly salt: string; readonly N: number; readonly r: number; readonly p: number }

const header: z.ZodType<BackupHeader> = z.object({
  id: z.string().min(1),
  createdAt: z.int().nonnegative().max(8.64e15),
  installation: z.string().min(1),
  migrations: z.array(z.string()).min(1),
  encryption: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('installation'), sealedKey: z.string() }),
    // No other costs: a file must not decide how long we compute.
    z.object({ kind: z.literal('passphrase'), salt: z.string(), N: z.literal(2 ** 15), r: z.literal(8), p: z.literal(1) }),
  ]),
  ring: z.string(),
})

export function parseHeader(line: string): BackupHeader {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    throw damaged('its second line is no JSON')
  }
  const result = header.safeParse(json)
  if (result.success) return result.data
  throw damaged('its second line does not say what is needed to read it')
}

/** A value of a column; both engines have these and no others in our tables. */
export type Value = string | number | null

/** What stands in the lines of a backup, in this order: for each table its columns and rows, then where numbering goes on. */
export type BackupRecord =
  | { readonly table: string; readonly columns: readonly string[] }
  | { readonly row: readonly Value[] }
  | { readonly sequence: string; readonly last: number }
  | { readonly rows: number }

export function renderRecord(record: BackupRecord): string {
  return `${JSON.stringify('row' in record ? record.row : record)}\n`
}

const column = z.string().regex(/^[a-z_]\w*$/)
const record = z.union([
  z.strictObject({ table: column, columns: z.array(column).min(1) }),
  z.strictObject({ sequence: column, last: z.int().nonnegative() }),
  z.strictObject({ rows: z.int().nonnegative() }),
])

export function parseRecord(line: string): BackupRecord {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    throw damaged('a line in it is no JSON')
  }
  if (Array.isArray(json) && json.every(isValue)) return { row: json }
  const result = record.safeParse(json)
  if (result.success) return result.data
  throw damaged('a line in it is nothing that belongs there')
}

function isValue(value: unknown): value is Value {
  return value === null || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}

export function damaged(how: string): VirtkitError<'INVALID_INPUT'> {
  return invalidInput(
    [{ field: 'backup', problem: `is no whole backup: ${how}` }],
    'Nothing was changed. Fetch the file again, or take another one.',
  )
}

/** The row of `virtkit_meta` that says who makes the regular backup, and when it was made last. */
export const lastBackup = 'lastBackup'

const day = 24 * 3600 * 1000
const fileName = /^virtkit-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.backup$/

/** `virtkit-20261126T021500000Z.backup`: sorts by time. */
export function backupFileName(at: number): string {
  return `virtkit-${new Date(at).toISOString().replaceAll(/[-:.]/g, '')}.backup`
}

/** When a file of ours was made, by its name. */
export function backupFileTime(name: string): number | undefined {
  const [, year, month, date, hour, minute, second, milli] = fileName.exec(name) ?? []
  if (year === undefined) return undefined
  return Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}.${milli}Z`)
}

/** Which files have been kept long enough: the newest stays, however old it is; drafts that nobody can be writing any more go. */
export function outdated(names: readonly string[], keepDays: number, now: number): string[] {
  const ours = names.filter((name) => backupFileTime(name) !== undefined).toSorted()
  const drafts = names.filter(
    (name) => now - (backupFileTime(name.replace(/\.part$/, '')) ?? now) > day && name.endsWith('.part'),
  )
  return [...ours.slice(0, -1).filter((name) => now - backupFileTime(name)! > keepDays * day), ...drafts]
}
