/** A table in Markdown; what would end a cell is escaped. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** As code, where there is something. */
export const code = (text: string): string => (text === '' ? '' : `\`${text}\``)

/** With a capital and a full stop. */
export function sentence(text: string): string {
  if (text === '') return ''
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?)]$/.test(text) ? '' : '.')
}
