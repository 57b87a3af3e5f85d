import { Secret, invalidInput } from '@virtkit/spi'
import { z } from 'zod'
import { parseWith } from '../options/problems.ts'
import type { MailAccount, MailSettingInput, MailSettingValues } from './mail-settings.ts'

const line = (most: number): z.ZodString =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must not have control characters')

const address = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@<>()\\,;:"\p{Cc}]{1,255}$/u

const schema = z.strictObject({
  server: line(253)
    .regex(/^[A-Za-z0-9._:-]*$/, "must be a host name or address like 'smtp.example.com', without a protocol")
    .default(''),
  port: z.int().min(1).max(65_535).default(465),
  username: line(320).default(''),
  password: z
    .union([line(1000), z.instanceof(Secret)], 'must be a text of at most 1000 characters')
    .transform((given) => (given instanceof Secret ? given : new Secret(given)))
    .optional(),
  sender: z
    .union([z.literal(''), z.string().regex(address)], "must be one mail address like 'virtkit@example.com'")
    .default(''),
  security: z.enum(['auto', 'tls', 'starttls', 'none']).default('auto'),
})

export type ParsedMailSettings = Omit<MailSettingValues, 'hasPassword'> & { readonly password?: Secret }

export const mailDefaults: MailSettingValues = {
  server: '',
  port: 465,
  username: '',
  sender: '',
  security: 'auto',
  hasPassword: false,
}

/** One mail address, and nothing that a mail program could read as two. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && address.test(text)
}

/** Throws `INVALID_INPUT` with every problem. `before` is what is stored: a password stays only where it would be sent to still. */
export function parseMailSettings(
  input: MailSettingInput,
  before: MailSettingValues,
): { readonly values: ParsedMailSettings; readonly keepsPassword: boolean } {
  const given = parseWith(schema, input) as ParsedMailSettings
  const { password: asked, ...rest } = given
  const password = asked && asked.reveal() !== '' ? asked : undefined
  const same = (['server', 'port', 'username', 'security'] as const).every((name) => rest[name] === before[name])
  const keepsPassword = asked === undefined && before.hasPassword && same
  const signsIn = password !== undefined || keepsPassword
  if (rest.server === '' && (rest.username !== '' || signsIn)) {
    throw invalidInput([{ field: 'server', problem: 'is missing: there is nothing to sign in to' }])
  }
  if (rest.username === '' && signsIn) {
    throw invalidInput([{ field: 'username', problem: 'is missing, and there is a password' }])
  }
  if (rest.username !== '' && !signsIn) {
    const moved = before.hasPassword ? '; the stored one goes to no other server or user' : ''
    throw invalidInput([{ field: 'password', problem: `is missing, and there is a user name${moved}` }])
  }
  if (rest.security === 'none' && signsIn) {
    const problem = "must not be 'none' with a password, which anybody on the way could read"
    throw invalidInput([{ field: 'security', problem }])
  }
  return { values: { ...rest, ...(password ? { password } : {}) }, keepsPassword }
}

/** What a connection is asked for: TLS from the start, TLS before anything is said, or TLS where it is offered. */
export function securityOf(account: MailAccount): { secure: boolean; requireTLS: boolean; ignoreTLS: boolean } {
  const { security, port, hasPassword } = account
  const secure = security === 'tls' || (security === 'auto' && port === 465)
  const requireTLS = !secure && (security === 'starttls' || (security === 'auto' && hasPassword))
  return { secure, requireTLS, ignoreTLS: security === 'none' }
}

export function senderOf(account: Pick<MailSettingValues, 'sender' | 'username' | 'server'>): string {
  if (account.sender) return account.sender
  if (isMailAddress(account.username)) return account.username
  const host = /^[\d.]+$|:/.test(account.server) ? 'localhost' : account.server
  return `virtkit@${host}`
}

/** What of a mail program's error is for people: never its text, which repeats what the server said. */
export interface MailFailure {
  readonly reason: string
  /** The server will never take this message to this address. */
  readonly isFinal: boolean
}

const reasons: Readonly<Record<string, string>> = {
  EAUTH: 'The mail server did not accept the user name and password',
  ENOAUTH: 'The mail server did not accept the user name and password',
  ETLS: 'The connection to the mail server could not be secured',
  EREQUIRETLS: 'The connection to the mail server could not be secured',
  EDNS: 'The name of the mail server is not known',
  ETIMEDOUT: 'The mail server did not answer in time',
  ECONNECTION: 'The mail server was not reached, or ended the connection',
  ESOCKET: 'The mail server was not reached, or its certificate is not trusted',
  EENVELOPE: 'The mail server did not accept the sender or the address',
  EMESSAGE: 'The mail server did not accept the message',
}

export function failureOf(error: unknown): MailFailure {
  const { code, responseCode, command } = (error ?? {}) as { code?: unknown; responseCode?: unknown; command?: unknown }
  const known = typeof code === 'string' && Object.hasOwn(reasons, code) ? reasons[code]! : 'Mail could not be sent'
  const status = typeof responseCode === 'number' ? ` (it said ${responseCode})` : ''
  const isForGood = typeof responseCode === 'number' && responseCode >= 500 && responseCode < 600
  // 530 and such before the address is named are about us, and an administrator can change that.
  const isFinal = isForGood && ((code === 'EENVELOPE' && command === 'RCPT TO') || code === 'EMESSAGE')
  return { reason: `${known}${status}.`, isFinal }
}
