import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Server, type Socket, connect, createServer } from 'node:net'
import { pipeline } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** A way from guests to a port of this machine. */
export interface GuestDoor extends AsyncDisposable {
  /** Where they find it. */
  readonly origin: string
}

/** Opens 127.0.0.1:`port` in the network namespace of the process `pid`, and leads who comes there to the same port out here. */
export async function letGuestsReach(pid: number, port: number): Promise<GuestDoor> {
  const inside = await listenInside(pid, port)
  const open = new Set<Socket>()
  // Busybox' wget closes its half of a connection once it has asked.
  const server = createServer({ allowHalfOpen: true }, (guest) => {
    const host = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    for (const end of [guest, host]) {
      open.add(end)
      end.once('close', () => open.delete(end))
    }
    pipeline(guest, host, guest, () => {
      guest.destroy()
      host.destroy()
    })
  })
  server.listen(inside)
  return {
    // What QEMU's user-mode network calls the host.
    origin: `http://10.0.2.2:${port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const end of open) end.destroy()
      await closed
    },
  }
}

/** A socket belongs to the namespace that it was opened in, whoever holds it. */
async function listenInside(pid: number, port: number): Promise<Server> {
  const script = fileURLToPath(new URL('listen-inside.ts', import.meta.url))
  const enter = ['--target', String(pid), '--net', process.execPath, script, String(port)]
  const child = spawn('nsenter', enter, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  const answer = once(child, 'message') as Promise<[string, Server | undefined]>
  const [said, server] = await Promise.race([answer, ended.then(([code]) => [`it ended with ${code}`, undefined] as const)])
  if (child.connected) child.disconnect()
  await ended
  if (!server) throw new Error(`no port ${port} for guests: ${said}`)
  return server
}
