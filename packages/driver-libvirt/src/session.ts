import { type Call, type Outcome, VirtkitError, isVirtkitError } from '@virtkit/spi'
import { type Endpoint, openStream, parseEndpoint } from './client/endpoint.ts'
import { type Caller, Libvirt } from './client/libvirt.ts'
import { type Procedure, reading } from './client/procedures.ts'
import { ConnectionLost, LibvirtError, Rpc } from './client/rpc.ts'
import { type XdrReader, XdrWriter } from './client/xdr.ts'
import { Aborted, Unanswered, cancelled, toDriverError, unavailable } from './errors.ts'
import { bestAcceleration } from './machines/acceleration.ts'
import type { LibvirtOptions } from './options.ts'

/** What becomes of a domain as a whole, and changes of its metadata. */
const eventKinds = [0, 23] as const
const connectMs = 15_000
const readMs = 30_000
/** Copying a disk or keeping a memory takes long; that nobody answers at all is seen by what reads. */
const writeMs = 30 * 60_000
/** After an abort a call is given so long to undo what it did and to say what became of it. */
const lastWordMs = 700

export interface EventListener {
  event(procedure: number, body: Buffer): void
  lost(): void
}

/** One use of one libvirt: opens the connection, opens it again when it broke, ends calls that are aborted. */
export class Session {
  readonly options: LibvirtOptions
  /** Told of events, and of the loss of the connection that they came over. */
  readonly listeners: Set<EventListener> = new Set()
  readonly #endpoint: Endpoint
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()
  #rpc: Promise<Rpc> | undefined
  #hearing: { readonly rpc: Rpc; readonly ready: Promise<unknown> } | undefined
  #accel: 'kvm' | 'tcg' | undefined

  constructor(options: LibvirtOptions) {
    const endpoint = parseEndpoint(options.url)
    if ('problem' in endpoint) throw new TypeError(endpoint.problem)
    const { ssh } = endpoint
    this.options = options
    this.#endpoint = ssh
      ? {
          ...endpoint,
          ssh: {
            ...ssh,
            insecure: options.insecure ?? false,
            ...(ssh.user === undefined && options.username !== undefined ? { user: options.username } : {}),
          },
        }
      : endpoint
  }

  /** Does one call of a facet. */
  async perform<T>(call: Call, work: (libvirt: Libvirt, deed: Deed) => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw unavailable('This session is closed.', 'did-not-happen')
    if (call.signal.aborted) throw cancelled('did-not-happen')
    const abort = new AbortController()
    const { promise: given, resolve: giveUp } = Promise.withResolvers<'given up'>()
    let timer: NodeJS.Timeout | undefined
    const end = (): void => {
      abort.abort()
      timer ??= setTimeout(() => giveUp('given up'), lastWordMs)
    }
    const sources = [call.signal, this.#closing.signal]
    for (const source of sources) source.addEventListener('abort', end, { once: true })
    const deed = new Deed(this, abort.signal)
    const doing = this.#mapped(work(new Libvirt(deed), deed), deed)
    const settled = doing.then(
      () => undefined,
      () => undefined,
    )
    const ended = Promise.race([settled, given])
    this.#underWay.add(ended)
    try {
      const first = await Promise.race([doing, given])
      if (first === 'given up') throw cancelled(deed.outcome)
      return first
    } finally {
      this.#underWay.delete(ended)
      clearTimeout(timer)
      for (const source of sources) source.removeEventListener('abort', end)
    }
  }

  /** The signal of a stream: it aborts with the call's or when the session closes; `release` lets go of both. */
  link(signal: AbortSignal): { readonly signal: AbortSignal; readonly release: () => void } {
    const abort = new AbortController()
    const end = (): void => abort.abort()
    const sources = [signal, this.#closing.signal]
    for (const source of sources) {
      if (source.aborted) end()
      source.addEventListener('abort', end, { once: true })
    }
    const release = (): void => {
      for (const source of sources) source.removeEventListener('abort', end)
    }
    return { signal: abort.signal, release }
  }

  /** How new guests run. Found out once, when it is first asked. */
  async accel(libvirt: Libvirt, deed: Deed): Promise<'kvm' | 'tcg'> {
    const { accel = 'auto' } = this.options
    if (accel !== 'auto') return accel
    this.#accel ??= await bestAcceleration(this, libvirt, deed)
    return this.#accel
  }

  /** Has libvirt tell of domains over the connection that there is; once for all who listen. */
  async hearEvents(): Promise<void> {
    const rpc = await this.connection()
    if (this.#hearing?.rpc !== rpc) {
      const ready = Promise.all(eventKinds.map((kind) => rpc.call('eventsOn', new XdrWriter().int(kind).uint(0))))
      this.#hearing = { rpc, ready }
    }
    await this.#hearing!.ready
  }

  /** The connection; opened when there is none. */
  async connection(): Promise<Rpc> {
    for (;;) {
      if (this.#closing.signal.aborted) throw new Aborted()
      const current = (this.#rpc ??= this.#open())
      const rpc = await current.catch((error: unknown) => {
        if (this.#rpc === current) this.#rpc = undefined
        throw error
      })
      if (rpc.isOpen) return rpc
      if (this.#rpc === current) this.#rpc = undefined
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#underWay)
    const rpc = await this.#rpc?.catch(() => undefined)
    await rpc?.close()
  }

  async #open(): Promise<Rpc> {
    const rpc: Rpc = new Rpc(openStream(this.#endpoint), (procedure, body) => {
      for (const listener of this.listeners) listener.event(procedure, body)
    })
    try {
      await bounded(connectMs, greet(rpc, this.#endpoint.uri))
    } catch (error) {
      await rpc.close()
      throw unreachable(error, this.options.url)
    }
    void rpc.closed.then(() => {
      for (const listener of this.listeners) listener.lost()
    })
    return rpc
  }

  async #mapped<T>(doing: Promise<T>, deed: Deed): Promise<T> {
    try {
      return await doing
    } catch (error) {
      throw toDriverError(error, deed.outcome, this.options.url)
    }
  }
}

/** One call of a facet while it is under way: makes libvirt's calls, and knows whether any may have changed something. */
export class Deed implements Caller {
  readonly signal: AbortSignal
  readonly #session: Session
  #changed = false
  #pending = 0
  #isUndoing = false
  #isUnsure = false

  constructor(session: Session, signal: AbortSignal) {
    this.#session = session
    this.signal = signal
  }

  get outcome(): Outcome {
    return this.#changed || this.#pending > 0 ? 'unknown' : 'did-not-happen'
  }

  /** What was done so far changes nothing that anybody asked for. */
  harmless(): void {
    this.#changed = false
  }

  /** Takes back what a failed call did; not stopped by the abort that it may be there for. Whether it worked is in `outcome`. */
  async undo(work: () => Promise<unknown>): Promise<void> {
    // Whose answer was lost may still be at work over there: nothing is taken back before anybody knows.
    if (this.#isUnsure) return
    this.#isUndoing = true
    try {
      await work()
      this.#changed = false
    } catch {
      this.#changed = true
    } finally {
      this.#isUndoing = false
    }
  }

  call(procedure: Procedure, body?: XdrWriter): Promise<XdrReader> {
    return this.#make(procedure, (rpc) => rpc.call(procedure, body))
  }

  upload(procedure: Procedure, body: XdrWriter, content: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#make(procedure, (rpc) => rpc.upload(procedure, body, content))
  }

  download(procedure: Procedure, body: XdrWriter): Promise<Buffer> {
    return this.#make(procedure, (rpc) => rpc.download(procedure, body))
  }

  async #make<T>(procedure: Procedure, make: (rpc: Rpc) => Promise<T>): Promise<T> {
    const isWrite = !reading.has(procedure)
    if (this.signal.aborted && !this.#isUndoing) throw new Aborted()
    const rpc = await this.#session.connection()
    if (this.signal.aborted && !this.#isUndoing) throw new Aborted()
    if (isWrite) this.#pending += 1
    try {
      const answer = await bounded(isWrite ? writeMs : readMs, make(rpc))
      if (isWrite) this.#changed = true
      return answer
    } catch (error) {
      const isRefused = error instanceof LibvirtError || (error instanceof ConnectionLost && !error.sent)
      if (isWrite && !isRefused) {
        this.#changed = true
        this.#isUnsure = true
      }
      // Whoever does not answer a question in half a minute is gone: the next call opens a new connection.
      if (error instanceof Unanswered) void rpc.close()
      throw error
    } finally {
      if (isWrite) this.#pending -= 1
    }
  }
}

async function greet(rpc: Rpc, uri: string): Promise<void> {
  const answer = await rpc.call('authList')
  const offered = answer.list(() => answer.int())
  const [none, polkit] = [0, 2]
  if (offered.includes(polkit) && !offered.includes(none)) await rpc.call('authPolkit')
  else if (offered.length > 0 && !offered.includes(none)) {
    throw new VirtkitError('UNAUTHENTICATED', 'libvirt asks for SASL, which this driver does not speak.', {
      details: {},
      hint: 'Reach it over SSH with a key, or let the user in by the socket’s permissions.',
    })
  }
  await rpc.call('open', new XdrWriter().optionalString(uri).uint(0))
}

function unreachable(error: unknown, endpoint: string): VirtkitError {
  if (isVirtkitError(error)) return error
  const reason = error instanceof Error ? error.message : 'unknown'
  if (error instanceof LibvirtError || /Permission denied|EACCES|Host key verification failed/.test(reason)) {
    return new VirtkitError('UNAUTHENTICATED', `libvirt does not let us in: ${reason}`, {
      details: {},
      cause: error,
      hint: 'Check the user, its SSH key and the host key, or the permissions of libvirt’s socket.',
    })
  }
  return unavailable(`libvirt cannot be reached: ${reason}`, 'did-not-happen', {
    endpoint,
    cause: error,
    hint: 'Check that libvirtd runs there and that the URL names its socket.',
  })
}

async function bounded<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unanswered(timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
