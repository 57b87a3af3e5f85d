import type { MoRef } from '../xml/xml-tree.ts'
import type { VimArguments } from '../xml/write-xml.ts'

/** How to reach one server. */
export interface Endpoint {
  /** `https://vcenter.example.com/sdk` */
  readonly url: URL
  /** Do not verify the certificate. */
  readonly insecure: boolean
  /** PEM text of whom to trust instead of the authorities that Node knows. */
  readonly ca: string | undefined
}

export interface Credentials {
  readonly username: string
  /** Asked for when it is sent, so that nobody keeps it. */
  password(): string
}

export interface SoapCall {
  readonly method: string
  readonly self: MoRef
  readonly arguments: VimArguments
  readonly signal: AbortSignal
  /** From when the request has a connection to when its answer is complete. */
  readonly timeoutMs: number
  /** Waits on the server: such calls have a connection of their own, so that others do not wait behind them. */
  readonly isPoll?: boolean
}

/** What a login answers. */
export interface Login {
  /** `ServiceContent` and `UserSession`, as the server told them. */
  readonly content: unknown
  readonly session: unknown
}

/**
 * One login with one server: SOAP calls in its name.
 *
 * Promises: rejects with a `VimFault`, a `TransportFailure` or the signal's reason, and in no other way; changes nothing of the
 * process; no text of an error holds the password. After `close` no socket and no timer is left.
 */
export interface VimTransport {
  /** Once, before any call. */
  login(credentials: Credentials, signal: AbortSignal): Promise<Login>
  /** Answers `returnval`. */
  call(call: SoapCall): Promise<unknown>
  /** The `Cookie` header of this login, for files. Empty before it. */
  cookie(): string
  close(): Promise<void>
}

/** A way to talk SOAP: `native()`, `nodeVsphereSoap()`. */
export interface VimTransportKind {
  readonly name: string
  open(endpoint: Endpoint): VimTransport
}
