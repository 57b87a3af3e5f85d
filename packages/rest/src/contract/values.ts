import { z } from 'zod'

// The values of the wire. Bodies come form-encoded or as JSON: texts become numbers and booleans before these see them
// (`server/read-input.ts`), so here everything has its JSON type.

/** An integer that names a resource. */
export const key = z.int().positive().max(2_147_483_647)

export const count = z.int().nonnegative().max(2_147_483_647)

// oxlint-disable-next-line no-control-regex -- this is about control characters
const printable = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/

/** One text without control characters. */
export const text = (most = 255): z.ZodString =>
  z.string().max(most).regex(printable, 'has control characters, which it may not')

/** One text that is not empty. */
export const name = text(255).min(1, 'is empty')

/** A size with a unit: `512MB`, `4GB`, `1.5 TiB`; GB means GiB, as in hypervisors. A bare number is MB for ram, GB for disc. */
export const size = z.union([
  z
    .string()
    .max(40)
    .regex(/^\s*\d+(\.\d+)?\s*([kmgtp]?i?b)?\s*$/i, 'is no size: write 512MB, 4GB or 1.5TiB'),
  z.number().nonnegative(),
])

export const printedSize = z
  .string()
  .meta({ description: 'in the largest binary unit that is exact, without a space', examples: ['4GB'] })

/** Nanoseconds since the epoch; exact, although too large for what JavaScript calls a safe integer. */
export const timestamp = z.number().meta({ type: 'integer', format: 'int64', description: 'unix nanoseconds' })

/** Nanoseconds. */
export const duration = z.number().meta({ type: 'integer', format: 'int64', description: 'nanoseconds' })

/** Nanoseconds as an integer or a decimal text, or for people: RFC 3339 here, `40m` for durations. */
export const givenTimestamp = z.union([z.number().nonnegative(), z.string().max(40)])
export const givenDuration = z.union([z.number().nonnegative(), z.string().max(40)])

/** One attempt to tell somebody something. */
export const attempt = z.object({
  at: timestamp,
  problem: z.string().meta({ description: 'why it failed, or empty' }),
})

/** What most changes that are no resource answer. */
export const message = z.object({ msg: z.string() })
export const messageWithKey = z.object({ msg: z.string(), key })
export const messageWithStatus = z.object({ msg: z.string(), statuscode: z.int() })

/** Path parameters `:key`. */
export const byKey = z.strictObject({ key })
