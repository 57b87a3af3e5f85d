import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@virtkit/spi'
import { type DriverTarget, describeDriver } from '@virtkit/spi/conformance'
import { afterAll, describe, it } from 'vitest'
import { type Faults, type World, createSimulatedHypervisor, simulated, startSimulatorServer } from './index.ts'

const credentials = { username: 'operator', password: new Secret('hunter2-hunter2') }
const wrong = { username: 'operator', password: new Secret('wrong-wrong') }
const behaviour = { credentials, guests: 'none', shutdownMs: 20 } as const

const inProcess = createSimulatedHypervisor(behaviour)
const folder = await mkdtemp(join(tmpdir(), 'virtkit-conformance-'))
const server = await startSimulatorServer({ ...behaviour, stateFile: join(folder, 'world.json') })
const sockets = countClientSockets()

afterAll(async () => {
  sockets.stop()
  await inProcess.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

describe('in process', () => {
  const { url } = inProcess
  describeDriver(
    { describe, it },
    {
      driver: inProcess.driver,
      options: { url, ...credentials },
      badCredentials: { url, ...wrong },
      unreachable: { url: 'simulated:elsewhere', ...credentials },
      openHandles: () => inProcess.world.summary().sessions,
      ...hooks(inProcess),
    },
  )
})

describe('over http', () => {
  const { url } = server
  describeDriver(
    { describe, it },
    {
      driver: simulated,
      options: { url, ...credentials },
      badCredentials: { url, ...wrong },
      // The discard port: nobody listens there.
      unreachable: { url: 'http://127.0.0.1:9', ...credentials },
      openHandles: () => sockets.count(),
      ...hooks(server),
    },
  )
})

type Hooks = Omit<DriverTarget, 'driver' | 'options'>

function hooks({ world, faults }: { readonly world: World; readonly faults: Faults }): Hooks {
  return {
    disk: {
      write: async (ref, text) => world.writeDisk(ref, { '/conformance': text }),
      read: async (ref) => world.readDisk(ref, '/conformance'),
    },
    memory: {
      write: async (ref, text) => world.writeMemory(ref, 'conformance', text),
      read: async (ref) => world.readMemory(ref, 'conformance'),
    },
    readMedium: async (ref) => (await world.readMedium(ref)) ?? new Uint8Array(),
    loseNextAnswer: (method) => void faults.add({ method, kind: 'answer-lost', times: 1 }),
    hangNextCall: (method) => ({ hanging: faults.add({ method, kind: 'hang', times: 1 }).fired }),
    moveToAnotherHost: async (ref) => void world.moveMachine(ref),
    secrets: [credentials.password.reveal(), wrong.password.reveal()],
    manyMachines: 1100,
  }
}

/** Counts the sockets that this process opens as a client, whoever opens them. */
function countClientSockets(): { count(): number; stop(): void } {
  const open = new Set<Socket>()
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }
  subscribe('net.client.socket', onSocket)
  return { count: () => open.size, stop: () => void unsubscribe('net.client.socket', onSocket) }
}
