import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { VirtkitError, type Clock, invalidInput, notFound, systemClock, toVirtkitError } from '@virtkit/spi'
import type { CallCounts } from '../call-counts.ts'
import { type Credentials, credentialsFit } from '../credentials.ts'
import { unauthenticated } from '../errors.ts'
import type { Faults } from '../faults.ts'
import { knock, openHypervisor } from '../hypervisor.ts'
import type { Simulator } from '../session.ts'
import { type SimulatorBehaviour, createSimulator } from '../simulator.ts'
import { createMemoryMediaStore } from '../world/media-store.ts'
import { newWorld } from '../world/new-world.ts'
import type { WorldOptions } from '../world/world-options.ts'
import { type World, createWorld } from '../world/world.ts'
import { parseJson, readJson, statusOf, writeLine } from './answer.ts'
import { CallRoute } from './call-route.ts'
import { addFault, doDeed, removeFaults } from './control-routes.ts'
import { openMediaFolder } from './media-folder.ts'
import { createStateFile, readStateFile } from './state-file.ts'
import { parseWorld, renderWorld } from './world-file.ts'

export interface SimulatorServerOptions extends SimulatorBehaviour {
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
  /** Where the state is kept; media lie beside it in `<stateFile>.media`. Without it the world dies with the process. */
  readonly stateFile?: string
  /** The world to begin with; a state file that exists goes before it. */
  readonly world?: WorldOptions
  /** HTTP Basic (RFC 7617). Without them, everybody may. */
  readonly credentials?: Credentials
}

export interface SimulatorServer {
  /** `http://127.0.0.1:PORT`: the `url` of a cluster of type `simulated`. */
  readonly url: string
  readonly port: number
  readonly world: World
  readonly faults: Faults
  readonly calls: CallCounts
  /** How many connections are open. */
  connections(): Promise<number>
  /** Ends calls with `HYPERVISOR_UNAVAILABLE`, stops guests, writes the state, frees the port. Twice is fine. */
  close(): Promise<void>
}

/**
 * Serves a simulated hypervisor over HTTP, for any number of processes.
 *
 * Promises: a change is in the state file before its answer is sent; after a start with the same file, machines that were on
 * are on, and their guests boot. One process per state file. Throws `CONFLICT` when the port is taken, `INVALID_INPUT` for a
 * state file that is none.
 */
export async function startSimulatorServer(options: SimulatorServerOptions = {}): Promise<SimulatorServer> {
  const clock = options.clock ?? systemClock
  const { simulator, world } = await openWorld(options, clock)
  const hypervisor = openHypervisor(simulator, [])
  const calls = new CallRoute(hypervisor)
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    handle({ ...options, simulator, world, calls }, request, response).catch((error: unknown) => refuse(response, error))
  }
  const server = createServer(onRequest).on('checkContinue', onRequest)
  // Uploads take as long as they take.
  server.requestTimeout = 0
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1')
  const { address, port, family } = server.address() as AddressInfo
  simulator.guests.resume()

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    calls.close()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    await hypervisor[Symbol.asyncDispose]()
    await simulator.guests.close()
    await simulator.core.keeper.saved()
    // A client that does not read its answer does not keep us.
    const patience = setTimeout(() => server.closeAllConnections(), 1000)
    await calls.answered()
    clearTimeout(patience)
    server.closeAllConnections()
    await closed
  }
  return {
    port,
    world,
    faults: simulator.faults,
    calls: simulator.calls,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    close: () => (closing ??= close()),
  }
}

async function openWorld(options: SimulatorServerOptions, clock: Clock): Promise<{ simulator: Simulator; world: World }> {
  const { stateFile } = options
  const text = stateFile === undefined ? undefined : await readStateFile(stateFile)
  const state = text === undefined ? newWorld(options.world) : parseWorld(text)
  const known = new Set([...state.media.values()].map((medium) => medium.bytesId))
  const media =
    stateFile === undefined ? createMemoryMediaStore() : await openMediaFolder(`${stateFile}.media`, known, clock)
  const file = stateFile === undefined ? undefined : createStateFile(stateFile, clock)
  const keeper = file ?? { touch: () => undefined, saved: async () => undefined }
  const simulator = createSimulator({ state, media, keeper }, options)
  const world = createWorld(simulator)
  file?.begin(() => renderWorld(state))
  if (text === undefined) for (const machine of options.world?.machines ?? []) world.addMachine(machine)
  await keeper.saved()
  return { simulator, world }
}

interface Rooms extends Pick<SimulatorServerOptions, 'credentials'> {
  readonly simulator: Simulator
  readonly world: World
  readonly calls: CallRoute
}

async function handle(rooms: Rooms, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { simulator, world, calls } = rooms
  if (!credentialsFit(rooms.credentials, basicCredentials(request.headers.authorization))) throw unauthenticated()
  const url = new URL(request.url ?? '/', 'http://simulator')
  const route = `${request.method} ${url.pathname}`
  const fault = /^DELETE \/faults\/(\d+)$/.exec(route)?.[1]
  const medium = url.searchParams.get('ref')
  if (route === 'POST /call') return calls.answer(await readJson(request), request, response)
  if (route === 'POST /upload') return calls.answer(parseJson(url.searchParams.get('call') ?? ''), request, response)
  if (route === 'POST /cancel') return end(response, calls.cancel(await readJson(request)) ?? {})
  if (route === 'GET /about') return end(response, await knock(simulator, { signal: signalOf(response) }))
  if (route === 'GET /world') return end(response, world.summary())
  if (route === 'POST /world') return end(response, await doDeed(world, simulator, await readJson(request)))
  if (route === 'GET /faults') return end(response, { faults: simulator.faults.list() })
  if (route === 'POST /faults') return end(response, addFault(simulator, await readJson(request)))
  if (route === 'DELETE /faults' || fault) return end(response, removeFaults(simulator, fault))
  if (route === 'DELETE /calls') return end(response, simulator.calls.reset() ?? {})
  if (route === 'GET /medium' && medium !== null) {
    const bytes = await world.readMedium(medium)
    if (!bytes) throw notFound('medium', medium)
    return void response.end(bytes)
  }
  throw notFound('route', route)
}

async function end(response: ServerResponse, answer: object): Promise<void> {
  await writeLine(response, answer)
  response.end()
}

function refuse(response: ServerResponse, error: unknown): void {
  const told = toVirtkitError(error)
  // A code that is not 2xx only for those who read no further; the family of errors is in the body, as everywhere.
  const status = told.code === 'UNAUTHENTICATED' ? 401 : told.code === 'HYPERVISOR_UNAVAILABLE' ? 200 : statusOf(told)
  if (!response.headersSent) {
    const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="simulator", charset="UTF-8"' } : {}
    response.writeHead(status, { 'content-type': 'application/json', 'x-virtkit-simulator': '1', ...challenge })
  }
  response.end(`${JSON.stringify({ error: told.toJSON() })}\n`)
}

function signalOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return gone.signal
}

function basicCredentials(header: string | undefined): { username?: string; password?: string } {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return {}
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? {} : { username: pair.slice(0, colon), password: pair.slice(colon + 1) }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error & { code?: string }) => {
      if (cause.code === 'EADDRINUSE') {
        reject(
          new VirtkitError('CONFLICT', `Port ${port} is taken.`, {
            details: { field: 'port' },
            cause,
            hint: 'Choose another, or 0 for any that is free.',
          }),
        )
      } else
        reject(
          invalidInput([{ field: 'host', problem: `cannot listen on ${host}:${port} (${cause.code ?? cause.message})` }]),
        )
    })
    server.listen(port, host, () => resolve())
  })
}
