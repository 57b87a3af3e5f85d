import type { VirtkitError } from '@virtkit/spi'
import { z } from 'zod'
import { keyField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import { type LogLevel, type ServiceName, logLevels, serviceNames } from '../settings/service-levels.ts'
import type { LogFilter, LogLine } from './logs.ts'

/** All that can be said. What varies goes into fields. */
export type LogMessage =
  | 'event'
  | 'step failed'
  | 'undoing a step failed'
  | 'driver call failed'
  | 'callback delivered'
  | 'callback not delivered'
  | 'message sent'
  | 'message not sent'
  | 'guest asked'
  | 'guest asked by its card'
  | 'guest asked by its card and has no run'
  | 'guest asked with a token that is not known'
  | 'guest reported'
  | 'guest reported with a token that is not known'
  | 'request answered'
  | 'background work failed'
  | 'lines were dropped'

export type LogFields = Readonly<Record<string, string | number | boolean | readonly number[] | null | undefined>>

/**
 * What a field of texts holds, and so how it is kept and what it becomes under pseudonyms. `word`: one of our own; `name`: what people
 * call a machine or themselves; `url`: its origin; `text`: a sentence of ours that may name anything. A text under any other name is
 * not kept.
 */
type FieldKind = 'word' | 'name' | 'host' | 'ip' | 'mac' | 'url' | 'text'

const kinds: Readonly<Record<string, FieldKind>> = {
  event: 'word',
  subject: 'word',
  operation: 'word',
  kind: 'word',
  step: 'word',
  code: 'word',
  outcome: 'word',
  driver: 'word',
  call: 'word',
  phase: 'word',
  about: 'word',
  problem: 'text',
  serve: 'word',
  method: 'word',
  route: 'word',
  request: 'word',
  run: 'word',
  to: 'word',
  state: 'word',
  delivery: 'word',
  file: 'word',
  reason: 'text',
  detail: 'text',
  error: 'text',
  message: 'text',
  name: 'name',
  user: 'name',
  datastore: 'name',
  host: 'host',
  hostname: 'host',
  ip: 'ip',
  address: 'ip',
  mac: 'mac',
  url: 'url',
  origin: 'url',
}

export function kindOf(field: string): FieldKind | undefined {
  return Object.hasOwn(kinds, field) ? kinds[field] : undefined
}

const word = /^[\w.:/-]{1,120}$/
const controls = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
const longest = 500
const identifier = /^[A-Za-z]\w{0,39}$/

/** What of the fields is kept. `redact` takes out of a text what is known to be secret. */
export function keptFields(
  given: Readonly<Record<string, unknown>>,
  redact: (text: string) => string,
): Record<string, string | number | boolean | readonly number[]> {
  const kept: Record<string, string | number | boolean | readonly number[]> = {}
  for (const [field, value] of Object.entries(given)) {
    const isList = Array.isArray(value) && value.length <= 100 && value.every((each) => typeof each === 'number')
    if (typeof value === 'number' || typeof value === 'boolean' || isList) {
      if (identifier.test(field)) kept[field] = value as number | boolean | readonly number[]
    } else if (typeof value === 'string') {
      const text = keptText(kindOf(field), value)
      if (text !== undefined) kept[field] = redact(text)
    }
  }
  return kept
}

function keptText(kind: FieldKind | undefined, value: string): string | undefined {
  switch (kind) {
    case undefined:
      return undefined
    case 'word':
      return word.test(value) ? value : undefined
    case 'url':
      return URL.canParse(value) ? new URL(value).origin : undefined
    default:
      return value.replaceAll(controls, ' ').slice(0, longest)
  }
}

/** What is worth knowing of an error: never its cause, which may hold text that we did not write. */
export function errorFields(error: VirtkitError): LogFields {
  return { code: error.code, error: error.message, outcome: error.outcome }
}

const services: Readonly<Record<string, ServiceName>> = {
  machine: 'inventory',
  network: 'inventory',
  cluster: 'inventory',
  clusterdefaults: 'inventory',
  credentials: 'inventory',
  profile: 'inventory',
  contingent: 'inventory',
  template: 'inventory',
  snapshot: 'integrator',
  install: 'configurator',
  callback: 'notification',
  notification: 'notification',
}

/** Which of the original's services an event would be of. */
export function serviceOf(type: string): ServiceName {
  const thing = type.slice(0, type.indexOf('.')).toLowerCase()
  return Object.hasOwn(services, thing) ? services[thing]! : 'core'
}

/** How much an event matters. */
export function levelOf(type: string): LogLevel {
  if (type.endsWith('.progressed')) return 'debug'
  if (/\.(left-behind|orphaned)$/.test(type) || type === 'backup.failed') return 'error'
  return /\.(failed|undoing|forgotten|deletion-postponed|given-up)$/.test(type) ? 'warning' : 'info'
}

/** A line as it stands in a file; the process is in the file's name. */
export function renderLine({ at, service, level, message, fields }: Omit<LogLine, 'process'>): string {
  return `${JSON.stringify({ at, service, level, message, ...(Object.keys(fields).length > 0 && { fields }) })}\n`
}

/** `undefined` for what is no whole line: a process may have died while it wrote. */
export function parseLine(text: string, process: string): LogLine | undefined {
  try {
    const { at, service, level, message, fields = {} } = JSON.parse(text) as LogLine
    if (typeof at !== 'number' || !serviceNames.includes(service) || !logLevels.includes(level)) return undefined
    return { at, service, level, message, fields, process }
  } catch {
    return undefined
  }
}

export function fits(line: LogLine, { services: of, levels, from, to }: LogFilter): boolean {
  return (
    (of === undefined || of.includes(line.service)) &&
    (levels === undefined || levels.includes(line.level)) &&
    (from === undefined || line.at >= from) &&
    (to === undefined || line.at <= to)
  )
}

const filter = z.strictObject({
  services: z.array(z.enum(serviceNames)).optional(),
  levels: z.array(z.enum(logLevels)).optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  limit: keyField.max(10_000).optional(),
  pseudonymized: z.boolean().optional(),
})

export function parseFilter(input: unknown): LogFilter {
  return parseWith(filter, input) as LogFilter
}
