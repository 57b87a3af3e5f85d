import { type Clock, type NotificationChannel, type NotificationMessage, Secret, type Unsent } from '@virtkit/spi'
import type { Keyring } from '../access/keyring.ts'
import type { Receivers } from '../callbacks/receivers.ts'
import { signedHeaders } from '../callbacks/signature.ts'

/** Posts notices as JSON, signed per Standard Webhooks. Any 2xx answer accepts; redirects are not followed; 410 refuses for good. */
export class WebhookChannel implements NotificationChannel {
  readonly type = 'webhook'
  readonly #keyring: Keyring
  readonly #clock: Clock
  readonly #receivers: Receivers

  constructor(keyring: Keyring, clock: Clock, receivers: Receivers) {
    this.#keyring = keyring
    this.#clock = clock
    this.#receivers = receivers
  }

  problemWith(to: string): string | undefined {
    return this.#receivers.problemWith(to)
  }

  async send(message: NotificationMessage, signal: AbortSignal): Promise<Unsent | void> {
    const { id, to, user, severity, title, text, at } = message
    const notices = message.notices.map((notice) => ({ ...notice, at: new Date(notice.at).toISOString() }))
    const body = JSON.stringify({
      type: 'notification',
      timestamp: new Date(at).toISOString(),
      data: { severity, title, text, notices },
    })
    const headers = signedHeaders({ id, body, at: this.#clock.now() }, this.secretOf(user, to))
    const told = await this.#receivers.post(to, body, headers, signal)
    if (!told.isAccepted) return told.isFinal ? { refused: told.problem } : { failed: told.problem }
  }

  /** What messages to this address for this user are signed with. Derived again whenever it is needed, so it is stored nowhere. */
  secretOf(user: number, to: string): Secret {
    const bytes = Buffer.from(this.#keyring.derive(`notifications/${user}/webhook/${to}`).reveal(), 'base64url')
    return new Secret(`whsec_${bytes.toString('base64')}`)
  }
}
