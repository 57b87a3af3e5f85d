import type { InputOf, OutputOf } from '@virtkit/rest/client'
import type { Contract } from '@virtkit/rest/contract'
import { invalidInput } from '@virtkit/spi'
import type { Session } from '../../connection/session.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { Output, Style } from '../../output/output.ts'
import { clean } from '../../output/print.ts'
import { cut } from '../../output/table.ts'
import { showTime } from '../../output/times.ts'
import { followLogs } from './follow-logs.ts'

type Query = InputOf<Contract['logs']['create']>
export type LogLine = OutputOf<Contract['logs']['create']>['logs'][number]

export interface LogFlags {
  readonly service?: NonNullable<Query['services']>
  readonly level?: NonNullable<Query['levels']>
  readonly since?: string
  readonly until?: string
  readonly limit: number
  readonly pseudonyms?: boolean
  readonly follow?: boolean
}

/** The newest lines, and with `--follow` those to come, without a gap between them. */
export async function showLogs(session: Session, flags: LogFlags): Promise<number> {
  const { client, output, say } = session
  const { follow = false, pseudonyms: pseudonymization = false, limit } = flags
  const filter = {
    ...(flags.service && { services: flags.service }),
    ...(flags.level && { levels: flags.level }),
    pseudonymization,
  }
  if (follow && flags.until !== undefined)
    throw invalidInput([{ field: '--until', problem: 'makes no sense with --follow', hint: 'leave one of them out' }])
  const starttime = timeOf(flags.since, '--since')
  const endtime = timeOf(flags.until, '--until')
  const { logs, truncated } = await client.logs.create({
    ...filter,
    ...(starttime !== undefined && { starttime }),
    ...(endtime !== undefined && { endtime }),
    limit,
  })
  if (truncated && !output.isJson) say(`older lines are left out; more with --limit ${limit * 10}`)
  for (const line of logs) printLine(output, line)
  if (!follow) return exitCodes.ok
  await followLogs(session, filter, logs, (line) => printLine(output, line))
  return exitCodes.ok
}

/** A time, or how long ago it was, for the API. */
function timeOf(given: string | undefined, field: string): string | undefined {
  if (given === undefined) return undefined
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(given) ?? []
  const ms = count === undefined ? Date.parse(given) : Date.now() - Number(count) * msOf[unit as keyof typeof msOf]
  if (Number.isFinite(ms)) return new Date(ms).toISOString()
  throw invalidInput([
    { field, problem: `is no time: ${given}`, hint: 'write it like 2026-11-27T10:00:00Z, 10m, 2h or 7d' },
  ])
}

const msOf = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const styles: Partial<Record<LogLine['level'], Style>> = {
  trace: 'dim',
  debug: 'dim',
  warning: 'yellow',
  error: 'red',
  critical: 'red',
}

/** A line is a line, however long; `fields` as `name=value`. */
export function printLine(output: Output, line: LogLine): void {
  if (output.isJson) return output.json(line)
  const { timestamp, service, level, message, fields } = line
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const text = clean([showTime(timestamp), level.padEnd(8), service.padEnd(12), message, ...facts].join(' '))
  const style = styles[level]
  const shown = cut(text, output.columns)
  output.line(style === undefined ? shown : output.paint(style, shown))
}
