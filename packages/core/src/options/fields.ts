import { z } from 'zod'

// Fields that the inputs of many rooms have.

const noControls = /^[^\p{Cc}]*$/u

/** One line of text. */
export function textField(max: number): z.ZodString {
  return z.string().min(1).max(max).regex(noControls, 'must not have control characters')
}

/** What people call a thing: 1 to 80 characters, none of them a control character. */
export const nameField: z.ZodString = textField(80)

/** The number of a resource; both engines keep it in 32 bits. */
export const keyField: z.ZodInt = z.int().min(1).max(2_147_483_647)

/** Numbers of resources, each at most once. */
export const keysField: z.ZodType<number[]> = z
  .array(keyField)
  .max(10_000)
  .transform((keys) => [...new Set(keys)])

/** False for what no resource can have as its number: asking the database for it would be an error of the engine. */
export function isKey(value: unknown): value is number {
  return keyField.safeParse(value).success
}

/** False for what nothing can be named: no need to look for it. */
export function isName(value: unknown): value is string {
  return nameField.safeParse(value).success
}

/** How many rows a page of a list has: 100 when nobody says, 1000 at most. */
export function pageLimit(asked = 100): number {
  return Number.isFinite(asked) ? Math.min(Math.max(1, Math.trunc(asked)), 1000) : 100
}
