import { styleText } from 'node:util'
import type { Host, Sink } from '../host.ts'
import { renderError } from './error-text.ts'
import { renderJsonLine } from './json-lines.ts'

/** How the user wants to be told. */
export interface OutputOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Where a command says what it has to say. */
export interface Output {
  readonly isJson: boolean
  readonly isQuiet: boolean
  /** A terminal that lines can be redrawn on. */
  readonly isLive: boolean
  /** Columns of a line; no limit where nobody looks: in a pipe or a file. */
  readonly columns: number
  paint(style: Style, text: string): string
  /** A line that was asked for. */
  line(text?: string): void
  /** Text as it is; for what redraws itself. */
  raw(text: string): void
  /** An object of its own line; nothing unless JSON is asked for. */
  json(value: object): void
  /** An error, in words or as JSON. */
  error(error: unknown): void
}

export function createOutput(host: Host, options: OutputOptions): Output {
  const { json = false, quiet = false } = options
  const verbose = options.verbose === true || isSet(host.env['VIRTKIT_DEBUG'])
  const { stdout, stderr } = host
  const isTerminal = stdout.isTTY === true && host.env['TERM'] !== 'dumb'
  const painter = (sink: Sink) => {
    const colours = sink.isTTY === true && !isSet(host.env['NO_COLOR']) && sink.hasColors?.() === true
    return (style: Style, text: string): string => (colours ? styleText(style, text, { validateStream: false }) : text)
  }
  const paint = painter(stdout)
  const paintError = painter(stderr)
  return {
    isJson: json,
    isQuiet: quiet,
    isLive: isTerminal && !json && !quiet,
    get columns() {
      return isTerminal ? Math.max(40, stdout.columns ?? 80) : Number.POSITIVE_INFINITY
    },
    paint,
    line: (text = '') => void stdout.write(`${text}\n`),
    raw: (text) => void stdout.write(text),
    json: (value) => void (json && stdout.write(renderJsonLine(value))),
    error: (error) => {
      if (json) stdout.write(renderJsonLine({ event: 'error', error }))
      else stderr.write(`${renderError(error, { verbose, paint: paintError })}\n`)
    },
  }
}

/** As https://no-color.org has it: there and not empty. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}
