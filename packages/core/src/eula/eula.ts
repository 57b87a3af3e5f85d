import type { By } from '../access/actor.ts'

/**
 * The host's end user license agreement (option `eula`), and who accepted it. Nothing is kept from who has not, unless the host
 * asks for it by `requireAccepted`.
 */
export interface Eula {
  /** As the host gave it; empty texts when it gave none. */
  text(): EulaText
  /**
   * Records that a user accepts the text as it is now. Promises: again, the first time stands; another text is accepted anew.
   * Throws `UNSUPPORTED` when the host gave no text, `FORBIDDEN` for the kit itself, which is nobody.
   *
   * @example
   * ```ts
   * const { acceptedAt } = await kit.eula.accept({ actor: await kit.users.actor(1) })
   * ```
   */
  accept(by: By): Promise<EulaAcceptance>
  /** Throws `FORBIDDEN` for a user who has not accepted the text as it is now. Passes for the kit itself, and without a text. */
  requireAccepted(by?: By): Promise<void>
  /** Who accepted which text when, also of users and texts that are gone; oldest first. Needs `users:read`. */
  acceptances(by?: By): Promise<readonly EulaAcceptance[]>
}

export interface EulaText {
  readonly de: string
  readonly en: string
}

export interface EulaAcceptance {
  readonly user: number
  /** As the user was called then. */
  readonly name: string
  /** Which text: SHA-256 of both languages, as hex. */
  readonly fingerprint: string
  readonly acceptedAt: number
}
