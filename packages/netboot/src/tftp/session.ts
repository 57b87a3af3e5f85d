import { type RemoteInfo, type Socket, createSocket } from 'node:dgram'
import type { TftpLimits } from './limits.ts'
import { type Terms, negotiate } from './negotiation.ts'
import { errorPacket, optionAckPacket, parseReply, tftpErrors } from './packets.ts'
import { Transfer } from './transfer.ts'

/**
 * Sends one file to one client, from a port of its own that is connected to the client's: what others send there, the operating
 * system drops. Settles when the client has everything, gives up, falls silent, or the signal says so; it never rejects.
 */
export async function sendFile(
  file: Uint8Array,
  options: ReadonlyMap<string, string>,
  client: RemoteInfo,
  from: { readonly host: string; readonly limits: TftpLimits; readonly signal: AbortSignal },
): Promise<void> {
  const { host, limits, signal } = from
  if (signal.aborted) return
  const terms = negotiate(options, file.length, limits.timeoutMs)
  const socket = createSocket({ type: client.family === 'IPv6' ? 'udp6' : 'udp4' })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  // A host that is gone, or has no such port any more, says so by ICMP.
  socket.on('error', () => end())
  const stop = (): void => {
    if (isConnected(socket)) socket.send(errorPacket(tftpErrors.notDefined, 'the server stops'), () => end())
    else end()
  }
  signal.addEventListener('abort', stop, { once: true })
  const longest = setTimeout(end, limits.longestMs)
  let drive: Drive | undefined
  socket.once('connect', () => {
    drive = new Drive(socket, file, terms, limits.attempts, end)
  })
  socket.bind(0, host, () => socket.connect(client.port, client.address))
  await ended
  drive?.stop()
  clearTimeout(longest)
  signal.removeEventListener('abort', stop)
  socket.close()
}

/** Turns a transfer's decisions into datagrams, and silence into repetition. */
class Drive {
  readonly #socket: Socket
  readonly #transfer: Transfer
  readonly #terms: Terms
  readonly #attempts: number
  readonly #end: () => void
  #left: number
  readonly #timer: NodeJS.Timeout

  constructor(socket: Socket, file: Uint8Array, terms: Terms, attempts: number, end: () => void) {
    this.#socket = socket
    this.#terms = terms
    this.#transfer = new Transfer(file, terms)
    this.#attempts = attempts
    this.#left = attempts
    this.#end = end
    this.#timer = setTimeout(() => this.#repeat(), terms.timeoutMs)
    socket.on('message', (packet) => this.#take(packet))
    this.#send()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #take(packet: Uint8Array): void {
    const reply = parseReply(packet)
    if (reply === 'error') return this.#end()
    if (reply === undefined) return
    const goOn = this.#transfer.acknowledge(reply)
    if (this.#transfer.isDone) return this.#end()
    if (!goOn) return
    this.#left = this.#attempts
    this.#timer.refresh()
    this.#send()
  }

  #repeat(): void {
    this.#left -= 1
    if (this.#left <= 0) return this.#end()
    this.#timer.refresh()
    this.#send()
  }

  #send(): void {
    if (this.#transfer.isAgreeing) return this.#socket.send(optionAckPacket(this.#terms.told))
    for (const packet of this.#transfer.window()) this.#socket.send(packet)
  }
}

function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress()
    return true
  } catch {
    return false
  }
}
