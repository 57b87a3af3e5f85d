/** How much a notice matters, least first. */
export const severities = ['info', 'warning', 'error', 'critical'] as const

export type Severity = (typeof severities)[number]

/** One thing that somebody is told of. */
export interface Notice {
  readonly severity: Severity
  /** One line, for people. */
  readonly title: string
  /** More about it, or empty. Never a secret. */
  readonly text: string
  /** What it is about: `machine/12`. */
  readonly subject: string
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number
}

/** What a channel hands over: one notice, or what has gathered meanwhile, for one recipient. */
export interface NotificationMessage {
  /** Unique, and the same in each attempt: receivers recognise a repetition by it. */
  readonly id: string
  /** An address that `problemWith` found nothing wrong with. */
  readonly to: string
  /** Key of the user who is told. */
  readonly user: number
  /** The highest of its notices. */
  readonly severity: Severity
  /** One line that says it all. */
  readonly title: string
  /** All of it, as plain text. */
  readonly text: string
  /** At least one, oldest first. Of very many the oldest, and `text` says how many there were. */
  readonly notices: readonly Notice[]
  /** When it was put together, in milliseconds since the epoch. */
  readonly at: number
}

/**
 * A way to tell people of things: Telegram, a pager, a chat. Hosts hand theirs in as `notifications: { channels: [telegram] }`;
 * mail and webhooks are built in.
 *
 * Promises asked of an implementation: `send` resolves to nothing when the other side has taken the message over. Everything else
 * but `{ refused }` is tried again later, over days, with the same `id`: at least once. It ends soon after its signal aborts. The
 * message of a `VirtkitError` is kept in the log of deliveries; of any other error nothing is.
 *
 * @example
 * ```ts
 * const chat: NotificationChannel = {
 *   type: 'chat',
 *   problemWith: (to) => (/^#\w+$/.test(to) ? undefined : 'must be a room like #ops'),
 *   send: async ({ to, text }, signal) => {
 *     await client.post(to, text, { signal })
 *   },
 * }
 * ```
 */
export interface NotificationChannel {
  /** What filters name it by: lower case letters, digits and dashes. */
  readonly type: string
  /** What is wrong with an address, as the end of a sentence (`must be …`); `undefined` when nothing is. */
  problemWith(to: string): string | undefined
  send(message: NotificationMessage, signal: AbortSignal): Promise<Unsent | void>
}

/** Why a message was not taken over, as a sentence for the log, without secrets. `refused`: it never will be. */
export type Unsent = { readonly refused: string } | { readonly failed: string }
