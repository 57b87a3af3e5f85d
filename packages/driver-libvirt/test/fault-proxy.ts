import { once } from 'node:events'
import { type Socket, connect, createServer } from 'node:net'

/** Between a driver and its libvirtd: passes everything on, and loses or keeps back answers on request. */
export interface FaultProxy extends AsyncDisposable {
  /** Where drivers connect. */
  readonly socket: string
  /** The next call of this procedure reaches libvirtd; before its answer arrives, the connection breaks. */
  loseNextAnswer(procedure: number): void
  /** The next call of this procedure reaches libvirtd, and is never answered. Resolves when it is under way. */
  hangNextCall(procedure: number): Promise<void>
  /** Connections that drivers have open. */
  open(): number
}

interface Fault {
  readonly procedure: number
  readonly kind: 'lose' | 'hang'
  readonly begin: () => void
}

export async function startFaultProxy(target: string, socket: string): Promise<FaultProxy> {
  const faults: Fault[] = []
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    const libvirtd = connect({ path: target })
    clients.add(client)
    /** Serial numbers of calls whose answers meet a fault. */
    const struck = new Map<number, Fault>()
    client.on('close', () => {
      clients.delete(client)
      libvirtd.destroy()
    })
    libvirtd.on('close', () => client.destroy())
    for (const each of [client, libvirtd]) each.on('error', () => undefined)
    messages(client, (message) => {
      const at = faults.findIndex((fault) => fault.procedure === message.readInt32BE(12))
      if (at !== -1 && message.readInt32BE(16) === 0) {
        const [fault] = faults.splice(at, 1)
        struck.set(message.readUInt32BE(20), fault!)
        fault!.begin()
      }
      libvirtd.write(message)
    })
    messages(libvirtd, (message) => {
      const fault = message.readInt32BE(16) === 1 ? struck.get(message.readUInt32BE(20)) : undefined
      if (fault?.kind === 'lose') client.destroy()
      else if (!fault) client.write(message)
    })
  })
  server.listen(socket)
  await once(server, 'listening')
  return {
    socket,
    loseNextAnswer: (procedure) => void faults.push({ procedure, kind: 'lose', begin: () => undefined }),
    hangNextCall: (procedure) =>
      new Promise((begin) => void faults.push({ procedure, kind: 'hang', begin: () => begin(undefined) })),
    open: () => clients.size,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Cuts a stream into messages of libvirt's protocol. */
function messages(from: Socket, take: (message: Buffer) => void): void {
  let held: Buffer = Buffer.alloc(0)
  from.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= 4 && held.length >= held.readUInt32BE(0)) {
      const length = held.readUInt32BE(0)
      take(held.subarray(0, length))
      held = held.subarray(length)
    }
  })
}
