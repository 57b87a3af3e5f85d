/** What the TFTP server takes upon itself. Requests beyond a limit get no answer: clients ask again by themselves. */
export interface TftpLimits {
  /** Transfers under way. Default 256. */
  readonly transfers: number
  /** Of those, to one address. Default 32: guests behind one router share theirs. */
  readonly transfersPerHost: number
  /** How long an acknowledgement is waited for, unless the client says otherwise. Default one second. */
  readonly timeoutMs: number
  /** How often a window is sent before the client is taken for gone. Default 5. */
  readonly attempts: number
  /** No transfer takes longer. Default ten minutes. */
  readonly longestMs: number
}

export const defaultTftpLimits: TftpLimits = {
  transfers: 256,
  transfersPerHost: 32,
  timeoutMs: 1000,
  attempts: 5,
  longestMs: 600_000,
}
