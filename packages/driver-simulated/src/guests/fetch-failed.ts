/** Something could not be fetched; the message is what the guest prints. */
export class FetchFailed extends Error {
  override readonly name = 'FetchFailed'
  /** The server's answer, when there was one. */
  readonly status: number | undefined

  constructor(message: string, status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
  }
}

/** A URL for the console: path segments and queries that may be secrets are left out. */
export function shownUrl(url: string): string {
  const [path = '', query] = url.split(/[?#]/, 2)
  const shown = path
    .split('/')
    .map((segment) => (/^[\w~-]{16,}$/.test(segment) ? '…' : segment))
    .join('/')
  return query === undefined ? shown : `${shown}?…`
}
