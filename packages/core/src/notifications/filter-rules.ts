import { type NotificationChannel, type Severity, invalidInput, severities } from '@virtkit/spi'
import { z } from 'zod'
import { keyField, textField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import type { NotificationFilterInput } from './notifications.ts'

const schema = z.strictObject({
  type: textField(40),
  // An index holds it, and PostgreSQL's entries end at 2704 bytes.
  to: textField(800),
  user: keyField,
  severities: z
    .array(z.enum(severities))
    .min(1, 'must name at least one of info, warning, error, critical')
    .max(20)
    .transform((given) => severities.filter((each) => given.includes(each))),
})

/** Throws `INVALID_INPUT`, never with the address itself: it may hold a token. */
export function parseFilter(input: unknown, channels: readonly NotificationChannel[]): NotificationFilterInput {
  const filter = parseWith(schema, input)
  const channel = channels.find(({ type }) => type === filter.type)
  if (!channel) {
    const known = channels.map(({ type }) => type).join(', ')
    throw invalidInput([{ field: 'type', problem: `is no channel of this installation; it has ${known}` }])
  }
  const problem = channel.problemWith(filter.to)
  if (problem !== undefined) throw invalidInput([{ field: 'to', problem }])
  return filter
}

/** Stored severities; what this version does not know counts as not stored. */
export function severitiesFrom(json: string): Severity[] {
  const stored = JSON.parse(json) as unknown
  return Array.isArray(stored) ? severities.filter((each) => stored.includes(each)) : []
}
