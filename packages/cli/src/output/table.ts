export interface Column {
  readonly title: string
  /** Default `left`. */
  readonly align?: 'left' | 'right'
  /** It is never shortened: somebody has to type it. */
  readonly whole?: boolean
}

export interface TableOptions {
  /** How wide a line may become; the widest columns give way. Default: as wide as it is. */
  readonly columns?: number
  /** Decorates the line of titles. */
  readonly paintTitle?: (text: string) => string
}

const gap = 2
/** Narrower than this, a cell says nothing any more. */
const leastWidth = 4

/** Lines of a table: titles, then one line per row. Promises: no line is wider than `columns`, if the titles can be cut that far. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string[] {
  const { paintTitle = (text) => text } = options
  const wanted = columns.map(({ title }, index) =>
    Math.max(...[title, ...rows.map((row) => row[index] ?? '')].map(widthOf)),
  )
  const widths = fit(wanted, columns, (options.columns ?? Number.POSITIVE_INFINITY) - gap * (columns.length - 1))
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => pad(cut(cells[index] ?? '', widths[index] ?? 0), widths[index] ?? 0, align))
      .join(' '.repeat(gap))
      .trimEnd()
  return [paintTitle(line(columns.map(({ title }) => title))), ...rows.map(line)]
}

/** Takes from the widest, column by column, until all fit; not from those that are whole. */
function fit(wanted: readonly number[], columns: readonly Column[], room: number): readonly number[] {
  const widths = [...wanted]
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const widest = Math.max(...widths.filter((_, index) => !columns[index]?.whole))
    if (widest <= leastWidth) break
    widths[widths.findIndex((width, index) => width === widest && !columns[index]?.whole)] = widest - 1
    over -= 1
  }
  return widths
}

/** Shortened to a width, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  const characters = [...text]
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

function pad(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? space + text : text + space
}

/** Names and numbers of ours take one column per character. */
function widthOf(text: string): number {
  return [...text].length
}
