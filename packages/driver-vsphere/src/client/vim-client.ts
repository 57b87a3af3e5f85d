import { VimFault } from './soap/vim-fault.ts'
import type { Credentials, Endpoint, VimTransport, VimTransportKind } from './soap/vim-transport.ts'
import { type MoRef, refAt, textAt } from './xml/xml-tree.ts'
import type { VimArguments } from './xml/write-xml.ts'

export interface CallOptions {
  readonly signal: AbortSignal
  readonly timeoutMs?: number
  readonly isPoll?: boolean
}

/** The service's own objects, by their names in `ServiceContent`. */
export type ServiceObject =
  | 'rootFolder'
  | 'propertyCollector'
  | 'viewManager'
  | 'searchIndex'
  | 'fileManager'
  | 'sessionManager'
  | 'authorizationManager'
  | 'eventManager'

const callTimeoutMs = 60_000
const logoutTimeoutMs = 3_000

/** One login; a new one takes its place when the server has forgotten it. */
interface Connected {
  readonly transport: VimTransport
  readonly content: unknown
  readonly session: unknown
  readonly generation: number
}

/**
 * A session with a server.
 *
 * Promises: one login at a time, however many calls are under way; a call that finds its login forgotten is made again, once,
 * after one new login for all; `close` logs out.
 */
export class VimClient {
  readonly #kind: VimTransportKind
  readonly #endpoint: Endpoint
  readonly #credentials: Credentials
  readonly #closing = new AbortController()
  #connected: Connected
  #renewing: Promise<Connected> | undefined

  private constructor(kind: VimTransportKind, endpoint: Endpoint, credentials: Credentials, connected: Connected) {
    this.#kind = kind
    this.#endpoint = endpoint
    this.#credentials = credentials
    this.#connected = connected
  }

  static async open(
    kind: VimTransportKind,
    endpoint: Endpoint,
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<VimClient> {
    return new VimClient(kind, endpoint, credentials, await connect(kind, endpoint, credentials, signal, 1))
  }

  get endpoint(): Endpoint {
    return this.#endpoint
  }

  /** Counts logins: what was made on the server under another one is gone. */
  get generation(): number {
    return this.#connected.generation
  }

  /** `ServiceContent`. */
  get content(): unknown {
    return this.#connected.content
  }

  get sessionKey(): string {
    return textAt(this.#connected.session, 'key') ?? ''
  }

  cookie(): string {
    return this.#connected.transport.cookie()
  }

  /** A service object; a server that lacks it is told so as a fault. */
  service(name: ServiceObject): MoRef {
    const ref = refAt(this.content, name)
    if (!ref) throw new VimFault('NotSupported', `The server has no ${name}.`)
    return ref
  }

  async call(method: string, self: MoRef, fields: VimArguments, options: CallOptions): Promise<unknown> {
    const { generation } = this.#connected
    try {
      return await this.#call(method, self, fields, options)
    } catch (error) {
      if (!this.#isForgotten(error, self)) throw error
      // It was not carried out: it can be sent again.
      await this.renew(generation, options.signal)
      return await this.#call(method, self, fields, options)
    }
  }

  /** A new login for all, unless somebody has had one since `generation`. */
  async renew(generation: number, signal: AbortSignal): Promise<void> {
    if (this.#connected.generation !== generation) return
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined))
    await untilAborted(this.#renewing, signal)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'))
    await this.#renewing?.catch(() => undefined)
    await logout(this.#connected)
  }

  /** Whether the server has forgotten our login; some tell it by no longer knowing the service's own objects. */
  #isForgotten(error: unknown, self: MoRef): boolean {
    if (!(error instanceof VimFault)) return false
    if (error.fault === 'NotAuthenticated') return true
    if (error.fault !== 'ManagedObjectNotFound') return false
    return (
      Object.values(this.content as object).some(
        (each) => refAt(each)?.id === self.id && refAt(each)?.moType === self.moType,
      ) && refAt(error.detail, 'obj')?.id === self.id
    )
  }

  #call(method: string, self: MoRef, fields: VimArguments, options: CallOptions): Promise<unknown> {
    const { signal, timeoutMs = callTimeoutMs, isPoll = false } = options
    return this.#connected.transport.call({ method, self, arguments: fields, signal, timeoutMs, isPoll })
  }

  async #renew(): Promise<Connected> {
    const old = this.#connected
    const { signal } = this.#closing
    const next = await connect(this.#kind, this.#endpoint, this.#credentials, signal, old.generation + 1)
    this.#connected = next
    // Calls of the old login that still wait may end in peace; it is forgotten on the server already.
    setTimeout(() => void old.transport.close(), 1000).unref()
    return next
  }
}

async function connect(
  kind: VimTransportKind,
  endpoint: Endpoint,
  credentials: Credentials,
  signal: AbortSignal,
  generation: number,
): Promise<Connected> {
  const transport = kind.open(endpoint)
  try {
    return { transport, generation, ...(await transport.login(credentials, signal)) }
  } catch (error) {
    await transport.close()
    throw error
  }
}

async function logout({ transport, content }: Connected): Promise<void> {
  const self = refAt(content, 'sessionManager')
  try {
    const signal = AbortSignal.timeout(logoutTimeoutMs)
    if (self) await transport.call({ method: 'Logout', self, arguments: {}, signal, timeoutMs: logoutTimeoutMs })
  } catch {
    // It forgets us by itself after a while.
  } finally {
    await transport.close()
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = (): void => reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  return promise
}
