/** What the mount knows of who calls. */
export interface Caller {
  /** IP address, of the caller and not of a proxy: failed logins are counted by it. */
  readonly address?: string | undefined
}
