import {
  type Clock,
  type NotificationChannel,
  type NotificationMessage,
  Secret,
  type Unsent,
  isVirtkitError,
} from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import { problemWithUrl } from '../callbacks/callback-rules.ts'
import { postGuarded } from '../callbacks/guarded-post.ts'
import { signedHeaders } from '../callbacks/signature.ts'

export interface WebhookOptions {
  /** Also posts to private and link-local addresses, and to this machine itself. Default false. */
  readonly allowPrivateTargets?: boolean
  /** How long a receiver may take, in milliseconds. Default 10 seconds. */
  readonly timeoutMs?: number
}

/** Posts notices as JSON, signed per Standard Webhooks. Any 2xx answer accepts; redirects are not followed. */
export class WebhookChannel implements NotificationChannel {
  readonly type = 'webhook'
  readonly #keyring: Keyring
  readonly #clock: Clock
  readonly #options: WebhookOptions

  constructor(keyring: Keyring, clock: Clock, options: WebhookOptions = {}) {
    this.#keyring = keyring
    this.#clock = clock
    this.#options = options
  }

  problemWith(to: string): string | undefined {
    return problemWithUrl(to)
  }

  async send(message: NotificationMessage, signal: AbortSignal): Promise<Unsent | void> {
    const { id, to, user, severity, title, text, at } = message
    const notices = message.notices.map((notice) => ({ ...notice, at: new Date(notice.at).toISOString() }))
    const body = JSON.stringify({
      type: 'notification',
      timestamp: new Date(at).toISOString(),
      data: { severity, title, text, notices },
    })
    const { allowPrivateTargets = false, timeoutMs = 10_000 } = this.#options
    const headers = signedHeaders({ id, body, at: this.#clock.now() }, this.secretOf(user, to))
    try {
      const status = await postGuarded(new URL(to), body, { headers, signal, timeoutMs, allowPrivateTargets })
      return status >= 200 && status <= 299 ? undefined : { failed: `The receiver answered ${status}.` }
    } catch (error) {
      // What a socket says may repeat the URL, and that may hold a token.
      return { failed: isVirtkitError(error) ? error.message : 'The receiver was not reached, or did not answer in time.' }
    }
  }

  /** What messages to this address for this user are signed with. Derived again whenever it is needed, so it is stored nowhere. */
  secretOf(user: number, to: string): Secret {
    const bytes = Buffer.from(this.#keyring.derive(`notifications/${user}/webhook/${to}`).reveal(), 'base64url')
    return new Secret(`whsec_${bytes.toString('base64')}`)
  }
}
