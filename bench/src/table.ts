import { type Row, meetsTarget } from './figure.ts'
import type { MachineFacts } from './machine-facts.ts'

export function renderFacts({ cores, load, node, fsyncMs, engines }: MachineFacts): string {
  const versions = Object.entries(engines).map(([name, version]) => `${name} ${version}`)
  return [`${cores} cores, load ${load}`, `Node ${node}`, ...versions, `fsync ${fsyncMs} ms`].join(' · ')
}

/** The rows as a table in Markdown, columns aligned. */
export function renderTable(rows: readonly Row[]): string {
  const head = ['figure', 'on', 'setting', 'value', 'limit', 'ratio', 'target', 'met', 'note']
  const cells = rows.map((row) => [
    row.figure,
    row.engine,
    row.setting,
    `${short(row.value)} ${row.unit}`,
    row.limit === undefined ? '' : `${short(row.limit)} ${row.unit}`,
    row.ratio === undefined ? '' : row.ratio.toFixed(2),
    targetText(row),
    row.target ? (meetsTarget(row) ? 'yes' : 'NO') : '',
    noteOf(row),
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]!.length)))
  const isNumber = (column: number): boolean => column >= 3 && column <= 5
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => (isNumber(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => `-${'-'.repeat(width)}${isNumber(column) ? ':' : '-'}`).join('|')}|`
  return [line(head), rule, ...cells.map(line)].join('\n')
}

function targetText({ target, unit }: Row): string {
  if (!target) return ''
  const after = target.of === 'value' ? ` ${unit}` : ''
  return [
    ...(target.atLeast === undefined ? [] : [`≥ ${target.atLeast}${after}`]),
    ...(target.atMost === undefined ? [] : [`≤ ${target.atMost}${after}`]),
  ].join(', ')
}

function noteOf(row: Row): string {
  const notes = [row.note, meetsTarget(row) ? undefined : row.whenMissed]
  return notes.filter((note) => note !== undefined).join('; ')
}

const short = (value: number): string => (Math.abs(value) >= 100 ? String(Math.round(value)) : value.toPrecision(3))
