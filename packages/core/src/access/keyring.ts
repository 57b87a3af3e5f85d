import type { Secret } from '@virtkit/spi'

/** Seals what must not lie about in clear: passwords of clusters, password hashes of installs, signing secrets. */
export interface Keyring {
  /**
   * AES-256-GCM under the newest key. `context` says what the secret belongs to (`credentials/3/password`): sealed text moved
   * to another place does not open.
   */
  seal(secret: Secret, context: string): string
  /** Throws `UNAUTHENTICATED` when the key that sealed it is not in the ring, `INTERNAL` when the text was changed. */
  open(sealed: string, context: string): Secret
  /** True when it was sealed under an older key than the newest: rotation seals it anew. */
  isStale(sealed: string): boolean
  /** A value that only this ring can derive again, for ever the same: 32 bytes, base64url. */
  derive(purpose: string): Secret
}
