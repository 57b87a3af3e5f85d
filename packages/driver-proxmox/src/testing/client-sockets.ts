import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

export interface ClientSockets {
  /** How many are open once those that only wait for another request have had the time to close. */
  settled(): Promise<number>
  stop(): void
}

/** Counts the sockets that this process opens as a client, whoever opens them. */
export function countClientSockets(): ClientSockets {
  const open = new Set<Socket>()
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }
  subscribe('net.client.socket', onSocket)
  return {
    settled: async () => {
      for (let waited = 0; open.size > 0 && waited < 3000; waited += 20) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return open.size
    },
    stop: () => void unsubscribe('net.client.socket', onSocket),
  }
}
