import type { Output } from './output.ts'
import { type Column, renderTable } from './table.ts'

export interface ListColumn<Item> extends Column {
  readonly of: (item: Item) => string | number
}

export interface ListText<Item> {
  readonly columns: readonly ListColumn<Item>[]
  /** What `--quiet` prints of each, for scripts: its key. */
  readonly key: (item: Item) => string | number
  /** Said when there is none; with the way to the first. */
  readonly none: string
}

/** A list in each of the voices: a table, a key per line, an object per line as the API answers it. */
export function printList<Item extends object>(output: Output, items: readonly Item[], text: ListText<Item>): void {
  if (output.isJson) for (const item of items) output.json(item)
  else if (output.isQuiet) for (const item of items) output.line(clean(text.key(item)))
  else if (items.length === 0) output.line(text.none)
  else printTable(output, text.columns, items)
}

/** A table that fits the terminal. */
export function printTable<Item>(output: Output, columns: readonly ListColumn<Item>[], items: readonly Item[]): void {
  const rows = items.map((item) => columns.map(({ of }) => clean(of(item))))
  const paintTitle = (title: string): string => output.paint('bold', title)
  for (const line of renderTable(columns, rows, { columns: output.columns, paintTitle })) output.line(line)
}

/** Names and values one below the other; what is empty is left out. */
export function printDetails(output: Output, details: readonly (readonly [name: string, value: string | number])[]): void {
  const shown = details.filter(([, value]) => value !== '')
  const width = Math.max(...shown.map(([name]) => name.length))
  for (const [name, value] of shown) output.line(`${output.paint('bold', name.padEnd(width))}  ${clean(value)}`)
}

export interface DoneText {
  readonly text: string
  /** What `--quiet` prints: the key of what was made. Left out: nothing. */
  readonly key?: string | number
}

/** What a change came to. */
export function printDone(output: Output, answer: object, { text, key }: DoneText): void {
  if (output.isJson) output.json(answer)
  else if (!output.isQuiet) output.line(clean(text))
  else if (key !== undefined) output.line(clean(key))
}

/** A secret that is told this once: by itself on a line, so that it can be taken whole; with `--json` it is in the answer. */
export function printSecret(output: Output, what: string, secret: string): void {
  if (output.isJson) return
  if (!output.isQuiet) output.line(`${what} (told this once; keep it):`)
  output.line(secret)
}

/** Names come from hypervisors and guests: none may move our cursor. */
export function clean(value: string | number): string {
  // oxlint-disable-next-line no-control-regex -- this is about control characters
  return String(value).replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '�')
}
