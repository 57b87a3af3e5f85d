import { type NotificationChannel, type NotificationMessage, type Severity, type Unsent, VirtkitError } from '@virtkit/spi'
import { trustedBesides } from '../callbacks/trusted-authorities.ts'
import type { MailTemplate } from '../options/options.ts'
import { failureOf, isMailAddress, securityOf, senderOf } from './mail-rules.ts'
import type { MailAccount } from './mail-settings.ts'
import { mailContent, plainMail } from './mail-template.ts'

/** The slice of nodemailer that we need. */
interface Nodemailer {
  createTransport(options: object): { sendMail(message: object): Promise<unknown>; close(): void }
}

export interface MailOptions {
  /** A certificate authority to trust besides, as PEM: for mail servers of one's own. */
  readonly ca?: string
  /** How long a server may be silent, in milliseconds. Default 20 seconds. */
  readonly timeoutMs?: number
  /** How mails look. Default: the title as subject, and the text. */
  readonly template?: MailTemplate
  /** Told of a template that fails. */
  readonly onError?: (error: VirtkitError) => void
}

const importance: Partial<Record<Severity, object>> = { critical: { priority: 'high' }, error: { priority: 'high' } }

/** Mail over SMTP, through whatever server the settings name at that moment. One connection for each message. */
export class MailChannel implements NotificationChannel {
  readonly type = 'mail'
  readonly #account: () => Promise<MailAccount | undefined>
  readonly #options: MailOptions

  constructor(account: () => Promise<MailAccount | undefined>, options: MailOptions = {}) {
    this.#account = account
    this.#options = options
  }

  problemWith(to: string): string | undefined {
    return isMailAddress(to) ? undefined : "must be one mail address like 'ops@example.com'"
  }

  async send(message: NotificationMessage, signal: AbortSignal): Promise<Unsent | void> {
    const account = await this.#account()
    if (!account) return { failed: 'There is no mail server in the settings.' }
    const { template = plainMail, onError = () => {} } = this.#options
    const { createTransport } = await importNodemailer()
    const transport = createTransport(this.#connection(account))
    try {
      await transport.sendMail({
        from: { name: 'Virtkit', address: senderOf(account) },
        to: { name: '', address: message.to },
        ...mailContent(message, template, onError),
        date: new Date(message.at),
        // The same in each attempt, whatever the settings say by then: mail programs recognise a repetition by it.
        messageId: `<${message.id}@notifications.virtkit>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Virtkit-Severity': message.severity },
        ...importance[message.severity],
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      })
    } catch (error) {
      const { reason, isFinal } = failureOf(error)
      return isFinal ? { refused: reason } : { failed: reason }
    } finally {
      transport.close()
    }
  }

  #connection(account: MailAccount): object {
    const { ca, timeoutMs = 20_000 } = this.#options
    const { username, password } = account
    return {
      host: account.server,
      port: account.port,
      ...securityOf(account),
      ...(password ? { auth: { user: username, pass: password.reveal() }, forceAuth: true } : {}),
      ...(ca === undefined ? {} : { tls: trustedBesides(ca) }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      // A server that does not close its side is left to itself.
      socketCloseTimeout: 500,
      logger: false,
    }
  }
}

async function importNodemailer(): Promise<Nodemailer> {
  try {
    const specifier = 'nodemailer'
    const module = (await import(specifier)) as { default: Nodemailer }
    return module.default
  } catch (cause) {
    throw new VirtkitError('PEER_MISSING', 'Mail needs the package nodemailer, which is not installed.', {
      details: { package: 'nodemailer', install: 'npm install nodemailer' },
      hint: 'Run: npm install nodemailer',
      cause,
    })
  }
}
