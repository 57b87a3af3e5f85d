/** A file of a publisher, with the place where he says what must be in it: a digest that we wrote down would soon be an old one. */
export interface PublishedFile {
  readonly url: string
  readonly sums?: PublishedSums
}

/**
 * A list of digests: `SHA256SUMS`, `CHECKSUM`, `.treeinfo`. Coreutils' lines (`digest  name`), BSD's (`SHA256 (name) = digest`) those
 * of a tree (`name = sha256:digest`) and of a Debian archive (`digest size name`) are understood.
 */
export interface PublishedSums {
  readonly url: string
  readonly algorithm: 'sha256' | 'sha512'
  /** How the list is signed. Left out: it is not, and stands and falls with the transport. */
  readonly signature?: SumsSignature
  /** A list above, which is signed and names this one: Debian's `InRelease`. */
  readonly listedIn?: PublishedSums
}

/** The key is the host's to give: one that came the same way as the file would prove nothing. */
export type SumsSignature =
  /** In a file of its own. */
  | { readonly kind: 'openpgp' | 'signify'; readonly url: string }
  /** Around the list itself. */
  | { readonly kind: 'openpgp-inline' }
