import { z } from 'zod'
import { parseWith } from '../options/problems.ts'
import type { CallbackInput, CallbackNotice } from './callbacks.ts'

const url = z
  .string()
  .min(1, 'must not be empty')
  .max(2000, 'must be at most 2000 characters long')
  .regex(/^\P{Cc}*$/u, 'must not have control characters')
  .refine((text) => isWebUrl(text), "must be an http or https URL like 'https://example.com/hook'")
  .refine((text) => !hasUserInfo(text), 'must not carry a user or password: deliveries are signed instead')

/** What is wrong with an address that we are to post to; `undefined` when nothing is. */
export function problemWithUrl(text: string): string | undefined {
  return url.safeParse(text).error?.issues[0]?.message
}

export type ParsedCallback = CallbackInput & { readonly notes: string }

/** Throws `INVALID_INPUT` with every problem. `problemWith` says what is wrong with a URL. */
export function parseCallback(input: unknown, problemWith: (url: string) => string | undefined): ParsedCallback {
  const told = z.string().superRefine((text, context) => {
    const message = problemWith(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  const schema = z.strictObject({
    successUrl: told,
    errorUrl: told,
    startUrl: told.optional(),
    deleteUrl: told.optional(),
    notes: z.string().max(2000).default(''),
  })
  return parseWith(schema, input)
}

/** What receivers see as `type`. */
const noticeTypes: Readonly<Record<CallbackNotice['when'], string>> = {
  start: 'install.started',
  success: 'install.succeeded',
  error: 'install.failed',
  delete: 'machine.deleted',
}

const day = 24 * 3_600_000
const rotation = z.strictObject({
  graceMs: z
    .int()
    .min(0)
    .max(30 * day, 'must be at most 30 days')
    .default(day),
})

/** How long the secret before signs as well. Throws `INVALID_INPUT`. */
export function parseGrace(input: unknown): number {
  return parseWith(rotation, input).graceMs
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

export const whens: readonly CallbackNotice['when'][] = ['start', 'success', 'error', 'delete']

/** What a payload was about. */
export function whenOf(body: string): CallbackNotice['when'] {
  const { type } = JSON.parse(body) as { type: string }
  return whens.find((when) => noticeTypes[when] === type) ?? 'start'
}

/** How the payloads begin that are about this; `bodyOf` writes them so. */
export function beginningOf(when: CallbackNotice['when']): string {
  return `{"type":"${noticeTypes[when]}",`
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

/**
 * When to try again after so many attempts; `undefined`: given up. `random` is from 0 up to 1: a pause becomes up to a fifth longer, so
 * that what failed together does not come back together.
 */
export function nextAttemptAt(attempts: number, now: number, random: number): number | undefined {
  const pause = pausesMs[attempts - 1]
  return pause === undefined ? undefined : now + Math.round(pause * (1 + random / 5))
}

/** One attempt of a delivery. */
export interface Attempt {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Why it failed; left out when it did not. */
  readonly problem?: string
}

const mostAttempts = 30

/** The log of a delivery's attempts as it is stored, with one more; of very many the newest. */
export function withAttempt(history: string, attempt: Attempt): string {
  return JSON.stringify([...attemptsFrom(history), attempt].slice(-mostAttempts))
}

export function attemptsFrom(history: string): readonly Attempt[] {
  return JSON.parse(history) as Attempt[]
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

function hasUserInfo(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}
