import { z } from 'zod'
import { textField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'
import type { CallbackInput, CallbackNotice } from './callbacks.ts'

const url = textField(2000)
  .refine((text) => isWebUrl(text), "must be an http or https URL like 'https://example.com/hook'")
  .refine((text) => !hasUserInfo(text), 'must not carry a user or password: deliveries are signed instead')

/** What is wrong with an address that we are to post to; `undefined` when nothing is. */
export function problemWithUrl(text: string): string | undefined {
  return url.safeParse(text).error?.issues[0]?.message
}

const schema = z.strictObject({
  successUrl: url,
  errorUrl: url,
  startUrl: url.optional(),
  deleteUrl: url.optional(),
  notes: z.string().max(2000).default(''),
})

export type ParsedCallback = CallbackInput & { readonly notes: string }

export function parseCallback(input: unknown): ParsedCallback {
  return parseWith(schema, input)
}

/** What receivers see as `type`. */
export const noticeTypes: Readonly<Record<CallbackNotice['when'], string>> = {
  start: 'install.started',
  success: 'install.succeeded',
  error: 'install.failed',
  delete: 'machine.deleted',
}

/** Where a notice goes; nowhere, when the callback has no URL for it. */
export function urlFor(
  callback: { successUrl: string; errorUrl: string; startUrl: string | null; deleteUrl: string | null },
  when: CallbackNotice['when'],
): string | undefined {
  const urls = {
    start: callback.startUrl,
    success: callback.successUrl,
    error: callback.errorUrl,
    delete: callback.deleteUrl,
  }
  return urls[when] ?? undefined
}

/** The payload, as Standard Webhooks recommends it. */
export function bodyOf(notice: CallbackNotice): string {
  const { when, subject, at, data } = notice
  return JSON.stringify({ type: noticeTypes[when], timestamp: new Date(at).toISOString(), data: { subject, ...data } })
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Pauses after the first, second, … failed attempt; some three days in all. */
const pausesMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
]

/** When to try again after so many attempts; `undefined`: given up. */
export function nextAttemptAt(attempts: number, now: number): number | undefined {
  const pause = pausesMs[attempts - 1]
  return pause === undefined ? undefined : now + pause
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

function hasUserInfo(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}
