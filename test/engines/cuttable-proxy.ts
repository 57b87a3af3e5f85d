import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** Stands between a client and its server, and can take the server away. */
export interface CuttableProxy extends AsyncDisposable {
  /** As the server's, with the port of the proxy. */
  readonly url: string
  /** How often somebody has tried to get through. */
  attempts(): number
  /** From now on the server is away: connections end, and new ones end at once. */
  cut(): void
  mend(): void
}

export async function cuttableProxy(serverUrl: string): Promise<CuttableProxy> {
  const target = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  let attempts = 0
  const server = createServer((client) => {
    attempts += 1
    if (isCut) return void client.destroy()
    const through = connect(Number(target.port), target.hostname)
    for (const [one, other] of [
      [client, through],
      [through, client],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = Object.assign(new URL(serverUrl), { port: String(port) }).href
  const drop = (): void => sockets.forEach((socket) => socket.destroy())
  return {
    url,
    attempts: () => attempts,
    cut: () => {
      isCut = true
      drop()
    },
    mend: () => {
      isCut = false
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
      drop()
      await once(server, 'close')
    },
  }
}
