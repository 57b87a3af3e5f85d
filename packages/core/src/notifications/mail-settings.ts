import type { Secret } from '@virtkit/spi'
import type { By } from '../access/actor.ts'

/** The mail server that notifications go through. The password is kept sealed and shown to nobody. */
export interface MailSettings {
  get(by?: By): Promise<MailSettingValues>
  /**
   * Replaces all of it; what is left out returns to its default. Promises: a stored password stays when it is left out and server,
   * port, security and user name stay as they are, and never goes anywhere else. Throws `INVALID_INPUT` naming the field.
   *
   * @example
   * ```ts
   * await kit.mailSettings.replace({ server: 'smtp.example.com', port: 465, username: 'virtkit@example.com', password })
   * ```
   */
  replace(values: MailSettingInput, by?: By): Promise<MailSettingValues>
  /** Back to the defaults: no server, no password, no mail. */
  reset(by?: By): Promise<MailSettingValues>
  /** With the password, for who sends; `undefined` when there is no server. */
  forSending(): Promise<MailAccount | undefined>
}

export interface MailSettingInput {
  /** Host name or address. Left out: no mail is sent. */
  readonly server?: string
  /** Default 465. */
  readonly port?: number
  /** Left out: the server is used without signing in. */
  readonly username?: string
  readonly password?: string | Secret
  /** The address that mail comes from. Default: the user name where it is an address, otherwise `virtkit@` and the server. */
  readonly sender?: string
  /**
   * `tls`: from the first byte. `starttls`: switched to before anything is said, or nothing is sent. `none`: in the clear; refused
   * with a password. Default `auto`: `tls` on port 465; otherwise `starttls`, which without a password may be left out where the
   * server does not offer it.
   */
  readonly security?: MailSecurity
}

export type MailSecurity = 'auto' | 'tls' | 'starttls' | 'none'

export interface MailSettingValues {
  /** Empty: none. */
  readonly server: string
  readonly port: number
  readonly username: string
  readonly sender: string
  readonly security: MailSecurity
  readonly hasPassword: boolean
}

export interface MailAccount extends MailSettingValues {
  readonly password?: Secret
}
