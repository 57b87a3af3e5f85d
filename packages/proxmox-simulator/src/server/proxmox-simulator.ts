import { type IncomingMessage, type Server, type ServerResponse, createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Accounts, createAccounts } from '../access/accounts.ts'
import { createPermissions } from '../access/permissions.ts'
import { ApiError } from '../api-error.ts'
import { everyRoute } from '../api/every-route.ts'
import { Answer, type Hall } from '../api/route.ts'
import { createPace } from '../pace.ts'
import { createMachineLocks } from '../tasks/machine-locks.ts'
import { type Tasks, createTasks } from '../tasks/tasks.ts'
import { createStatistics } from '../world/statistics.ts'
import type { WorldOptions } from '../world/world-options.ts'
import { type World, createWorld } from '../world/world.ts'
import { type Asked, type Uploads, readLine, readRequest } from './answer-request.ts'
import { Unauthenticated } from './authentication.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { type FaultRule, type Faults, createFaults } from './faults.ts'
import { createRouter } from './router.ts'

export interface ProxmoxSimulatorOptions extends WorldOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Default 0: any that is free. The original's is 8006. */
  readonly port?: number
  /** Default true: HTTPS with a certificate of its own. False is plain HTTP. */
  readonly tls?: boolean | { readonly cert: string; readonly key: string }
  /** How long things take, against the original: 1 (default) is as slow, 0.01 a hundred times as fast, 0 as fast as can be. */
  readonly pace?: number
  /** How often `/cluster/resources` sees what is, in the original's milliseconds. Default 10000; 0 means always. */
  readonly resourcesLagMs?: number
  /** Of `root@pam`. Default `simulator`. */
  readonly password?: string
  readonly users?: readonly UserOptions[]
  /** Default false: bytes of uploads are counted and hashed. True keeps them, as `uploaded` of the volume, for looking into. */
  readonly keepUploads?: boolean
}

export interface UserOptions {
  /** `ann@pve`. */
  readonly userid: string
  readonly password?: string
  /** Roles by path, such as `{ '/vms': 'PVEVMAdmin' }`. */
  readonly roles?: Readonly<Record<string, string>>
  readonly tokens?: readonly TokenOptions[]
}

export interface TokenOptions {
  readonly tokenid: string
  /** Default: one is made. */
  readonly secret?: string
  /** Default true: the token needs roles of its own. */
  readonly privsep?: boolean
  readonly roles?: Readonly<Record<string, string>>
}

/** A request that was answered, or whose connection was ended (`status` 0). */
export interface RequestRecord {
  readonly method: string
  readonly path: string
  readonly status: number
}

export interface ProxmoxSimulator extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string
  readonly port: number
  /** What a client trusts; undefined over plain HTTP. */
  readonly certificate: Pick<Certificate, 'cert' | 'fingerprint'> | undefined
  /** The state, for looking and for changing by hand. */
  readonly world: World
  readonly accounts: Accounts
  readonly tasks: Tasks
  readonly faults: Faults
  /** The last thousand. */
  readonly requests: readonly RequestRecord[]
  /** Lets `/cluster/resources` see what is. */
  refreshResources(): void
  close(): Promise<void>
}

/**
 * Serves a Proxmox VE API that behaves as the original does, with nothing behind it.
 *
 * Promises: an answer of 200 to a change that is no task means that the change is made; a task runs on after its answer. All state
 * is gone after `close`, which ends waiting requests and running tasks. Throws the system's error when the port is taken.
 *
 * ```ts
 * await using simulator = await startProxmoxSimulator({ pace: 0.01, tls: false })
 * await fetch(`${simulator.url}/api2/json/version`)
 * ```
 */
export async function startProxmoxSimulator(options: ProxmoxSimulatorOptions = {}): Promise<ProxmoxSimulator> {
  const { host = '127.0.0.1', port = 0, tls = true, resourcesLagMs = 10_000 } = options
  const pace = createPace(options.pace ?? 1)
  const faults = createFaults()
  const world = createWorld(options)
  const accounts = openAccounts(options, world)
  const tasks = createTasks(pace, world.now, world.nextProcessId, ({ type }) => faults.ofTask(type))
  const statistics = createStatistics(world)
  const permissions = createPermissions(accounts, world)
  const uploads: Uploads = new Map()
  const { keepUploads: keepsUploads = false } = options
  const locks = createMachineLocks(pace)
  const hall = { world, tasks, accounts, permissions, statistics, pace, uploads, keepsUploads, locks }
  const requests: RequestRecord[] = []
  const router = createRouter(everyRoute)

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = readLine(router, request)
    if (!asked) return send(response, 404, 'Not Found')
    if (resourcesLagMs === 0) statistics.refresh()
    const fault = faults.ofRequest(asked.method, asked.found?.route.path, asked.path)
    const status = await serve({ hall, fault, asked }, request, response)
    requests.push({ method: asked.method, path: asked.path, status })
    if (requests.length > 1000) requests.shift()
  }
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy())
  }
  const certificate = tls === true ? makeCertificate([...new Set([host, 'localhost', '127.0.0.1'])]) : undefined
  const server = tls === false ? createHttp(onRequest) : createHttps(certificate ?? (tls as Certificate), onRequest)
  // The original closes idle connections after five seconds, and says nothing about it.
  server.keepAliveTimeout = Math.max(1, pace.scaled(5000))
  server.requestTimeout = 0
  await listen(server, port, host)
  const lag = pace.scaled(resourcesLagMs)
  const looking =
    resourcesLagMs === 0
      ? undefined
      : setInterval(() => statistics.refresh(), Math.min(Math.max(1, lag), 2 ** 31 - 1)).unref()
  const address = server.address() as AddressInfo

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    clearInterval(looking)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    pace.close()
    server.closeAllConnections()
    await tasks.settled()
    await closed
  }
  const end = (): Promise<void> => (closing ??= close())
  return {
    url: `http${tls === false ? '' : 's'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    certificate,
    world,
    accounts,
    tasks,
    faults,
    requests,
    refreshResources: () => statistics.refresh(),
    close: end,
    [Symbol.asyncDispose]: end,
  }
}

function openAccounts({ password = 'simulator', users = [] }: ProxmoxSimulatorOptions, world: World): Accounts {
  const accounts = createAccounts(world.release, world.now)
  accounts.addUser('root@pam', password)
  const grant = (type: 'user' | 'token', ugid: string, roles: Readonly<Record<string, string>> = {}): void => {
    for (const [path, roleid] of Object.entries(roles)) accounts.acl.push({ path, type, ugid, roleid, propagate: true })
  }
  for (const { userid, password: own, roles, tokens = [] } of users) {
    const user = accounts.users.get(userid) ?? accounts.addUser(userid, own)
    if (own !== undefined) user.password = own
    grant('user', userid, roles)
    for (const { tokenid, roles: rolesOfToken, ...rest } of tokens) {
      accounts.addToken(userid, tokenid, rest)
      grant('token', `${userid}!${tokenid}`, rolesOfToken)
    }
  }
  return accounts
}

interface Service {
  readonly hall: Hall & { uploads: Uploads }
  readonly fault: FaultRule | undefined
  readonly asked: Asked
}

/** How long the proxy waits for the daemon behind it. */
const proxyPatienceMs = 30_000

/** Answers the status that was sent; 0 when the connection was ended instead. */
async function serve({ hall, fault, asked }: Service, request: IncomingMessage, response: ServerResponse): Promise<number> {
  const { pace } = hall
  const hangUp = (): number => {
    request.socket.destroy()
    return 0
  }
  const refuse = (status: number, reason: string): number => (send(response, status, reason), status)
  if (fault?.kind === 'reset') return hangUp()
  if (fault?.kind === 'refused') return refuse(595, 'Connection refused')
  if (fault?.kind === 'slow') await pace.pause(fault.ms ?? 1000)
  if (fault?.kind === 'timed-out') {
    await pace.pause(proxyPatienceMs)
    return refuse(596, 'Connection timed out')
  }
  try {
    if (fault?.kind === 'error') throw new ApiError(fault.status ?? 500, fault.message ?? 'fault by rule', fault.errors)
    const deed = await readRequest(hall, asked, request)
    if (fault?.kind === 'timed-out-done-later') {
      await pace.pause(proxyPatienceMs)
      const done = pace.pause(fault.ms ?? 1000).then(deed)
      // Nobody is there any more to be told.
      done.catch(() => undefined)
      return refuse(596, 'Connection timed out')
    }
    const data = await deed()
    if (fault?.kind === 'answer-lost') return hangUp()
    if (fault?.kind === 'timed-out-done') {
      await pace.pause(proxyPatienceMs)
      return refuse(596, 'Connection timed out')
    }
    send(response, 200, 'OK', data instanceof Answer ? data.body : { data })
    return 200
  } catch (error) {
    if (error instanceof Unauthenticated) {
      await pace.pause(3000)
      return refuse(401, error.message)
    }
    const told =
      error instanceof ApiError ? error : new ApiError(500, error instanceof Error ? error.message : String(error))
    if (told.status === 401) await pace.pause(3000)
    if (told.status >= 590) return refuse(told.status, told.message)
    // Versions before 8.4 had the reason phrase only; from there on it stands in the body too.
    const message = told.status === 501 ? told.message : `${told.message}\n`
    send(response, told.status, told.message, { data: null, message, ...(told.errors && { errors: told.errors }) })
    return told.status
  }
}

function send(response: ServerResponse, status: number, reason: string, body?: unknown): void {
  const text = body === undefined ? '' : JSON.stringify(body)
  // What cannot stand in a status line does not come into it.
  const phrase = reason.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
  response.writeHead(status, phrase, {
    'cache-control': 'max-age=0',
    pragma: 'no-cache',
    server: 'pve-api-daemon/3.0',
    'content-length': Buffer.byteLength(text),
    ...(body !== undefined && { 'content-type': 'application/json;charset=UTF-8' }),
  })
  response.end(text)
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
