import { type BlockingDimension, MiB, type VirtkitError, formatSize, isVirtkitError } from '@virtkit/spi'
import { CommandError } from './command-error.ts'
import type { Style } from './output.ts'

export interface ErrorTextOptions {
  /** With stack and causes, for people who look for our mistake. */
  readonly verbose?: boolean
  readonly paint?: (style: Style, text: string) => string
}

const plain = (_: Style, text: string): string => text

/**
 * An error for people: its code, what happened, the details in words, and the next step. Without `verbose` never a stack, and
 * never the text of a cause, which we did not write.
 */
export function renderError(error: unknown, options: ErrorTextOptions = {}): string {
  const { verbose = false, paint = plain } = options
  const lines = isVirtkitError(error) ? ours(error, paint) : theirs(error, paint)
  if (verbose) lines.push('', ...stackOf(error).map((line) => paint('dim', line)))
  return lines.join('\n')
}

function ours(error: VirtkitError, paint: NonNullable<ErrorTextOptions['paint']>): string[] {
  return [
    `${paint('red', error.code)}: ${headline(error)}`,
    ...detailsOf(error).map((line) => `  ${line}`),
    ...after(error, paint),
  ]
}

/** Whether it may have happened, and what to do next. */
function after({ outcome, hint }: Pick<VirtkitError, 'outcome' | 'hint'>, paint: NonNullable<ErrorTextOptions['paint']>) {
  const unsure = 'It may have happened all the same: look before you do it again.'
  return [
    ...(outcome === 'unknown' ? [`${paint('bold', 'Note:')} ${unsure}`] : []),
    ...(hint === undefined ? [] : [`${paint('bold', 'Next:')} ${hint}`]),
  ]
}

/** The message, unless the details below say all of it again. */
function headline(error: VirtkitError): string {
  if (isVirtkitError(error, 'INVALID_INPUT')) return 'what was handed in is wrong.'
  if (isVirtkitError(error, 'CONTINGENT_EXCEEDED')) return `the contingent of group ${error.details.group} has no room.`
  return error.message
}

function detailsOf(error: VirtkitError): string[] {
  if (isVirtkitError(error, 'INVALID_INPUT')) {
    return error.details.problems.map(
      ({ field, problem, hint }) => `${field}: ${problem}${hint === undefined ? '' : ` (${hint})`}`,
    )
  }
  if (isVirtkitError(error, 'CONTINGENT_EXCEEDED')) return error.details.blocking.map(renderBlocking)
  if (isVirtkitError(error, 'FORBIDDEN')) {
    return (error.details.missing ?? []).map(({ privilege, path }) => `missing: ${privilege} on ${path}`)
  }
  return []
}

/** `memory  asked 2GB, used 6GB of 6GB`; what is reserved is told when there is some. */
export function renderBlocking(blocking: BlockingDimension): string {
  const { dimension, limit, used, reserved, asked } = blocking
  const show = (value: number): string => renderAmount(dimension, value)
  const held = reserved === 0 ? '' : ` and ${show(reserved)} reserved`
  return `${dimension.padEnd(6)}  asked ${show(asked)}, used ${show(used)}${held}, limit ${show(limit)}`
}

/** Amounts of memory and disk are MiB. */
export function renderAmount(dimension: BlockingDimension['dimension'], value: number): string {
  return dimension === 'memory' || dimension === 'disk' ? formatSize(value * MiB) : String(value)
}

/** What the system says is a sentence by itself (`EACCES: permission denied, open '…'`); the rest is our mistake. */
function theirs(error: unknown, paint: NonNullable<ErrorTextOptions['paint']>): string[] {
  const text = error instanceof Error ? error.message : String(error)
  if (error instanceof CommandError) return [`${paint('red', 'virtkit')}: ${text}`, ...after(error, paint)]
  if (error instanceof Error && 'syscall' in error) return [`${paint('red', 'virtkit')}: ${text}`]
  return [
    `${paint('red', 'INTERNAL')}: ${text}`,
    `${paint('bold', 'Next:')} Run it again with --verbose and report what it prints.`,
  ]
}

function stackOf(error: unknown): string[] {
  const lines: string[] = []
  for (let each = error; each instanceof Error; each = each.cause) {
    lines.push(...(each.stack ?? String(each)).split('\n'))
  }
  return lines
}
