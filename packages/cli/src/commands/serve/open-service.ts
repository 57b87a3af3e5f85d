import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import { builtinReleases, createCatalog } from '@virtkit/netboot'
import { type NodeServer, serveNode, trustProxies } from '@virtkit/rest/node'
import { createRestServer } from '@virtkit/rest'
import { invalidInput, isVirtkitError } from '@virtkit/spi'
import { bootMedia } from '../../connection/boot-media.ts'
import { bootPortOf, openAtBootPort } from '../../connection/boot-port.ts'
import { everyDriver } from '../../drivers/every-driver.ts'
import type { Host } from '../../host.ts'
import { type DatabaseLocation, parseDatabaseLocation } from '../quickstart/database-location.ts'
import { readLastRun, writeLastRun } from '../quickstart/last-run.ts'
import { prepareSimulator } from '../quickstart/open-quickstart.ts'
import { type OpenSimulator, openSimulator } from '../quickstart/open-simulator.ts'
import type { ServeOptions } from './serve-options.ts'
import { setUpSimulatedWorld } from './simulated-world.ts'

export interface OpenService {
  readonly url: string
  /** Takes nothing new, lets what is under way end or hands it over, closes everything. */
  close(): Promise<void>
}

/** Where a service says what it has to say. */
export interface Told {
  say(text: string): void
  /** Also to those who want it quiet. */
  warn(text: string): void
}

/** Opens everything, in order. Promises: when it throws, nothing stays open. */
export async function openService(options: ServeOptions, host: Host, told: Told): Promise<OpenService> {
  const location = parseDatabaseLocation(options.database, host.cwd, 'virtkit')
  const trustProxy = trustProxies(options.trustProxy, '--trust-proxy')
  const tls = options.tls && (await readTls(options.tls, host.cwd))
  const drivers = await everyDriver(host.cwd, told.warn)
  const shared = { ...sharedOptions(location, options, host.cwd, told), drivers }
  const open: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const each of open.splice(0).toReversed()) await each()
  }
  try {
    const last = options.simulated ? await readLastRun(location.base) : {}
    const simulator = options.simulated
      ? await prepareSimulator(shared, () => openSimulator({ pace: 'fast' }, { base: location.base, last, env: {} }))
      : undefined
    if (simulator) open.push(() => simulator.close())
    const kit = await openKit(shared, location, { options, cwd: host.cwd }, last.bootPort)
    open.push(() => kit.close())
    if (simulator) await welcome(kit, simulator, location, told)
    await makeAdministrator(kit, options, told)

    const { metricsToken } = options
    const rest = createRestServer(kit, {
      probesAtRoot: true,
      ...(metricsToken !== undefined && { metricsToken }),
      onError: (error, { requestId, method, path }) => told.warn(`${method} ${path} (${requestId}): ${summary(error)}`),
    })
    const server: NodeServer = await serveNode(rest, {
      host: options.host,
      port: options.port,
      trustProxy,
      ...(tls && { tls }),
    })
    // First of all it says that it is not ready any more.
    open.push(
      () => server.close(),
      () => rest.close(),
    )
    return { url: server.url, close }
  } catch (error) {
    await close()
    throw error
  }
}

function sharedOptions(
  location: DatabaseLocation,
  { keyFile, logFolder, allowReceivers }: ServeOptions,
  cwd: string,
  { warn }: Told,
): Omit<VirtkitOptions, 'operations' | 'drivers'> {
  return {
    ...location.options,
    ...(keyFile !== undefined && { encryption: { keyFile: resolve(cwd, keyFile) } }),
    ...(logFolder !== undefined && { logs: { folder: resolve(cwd, logFolder) } }),
    receivers: { allow: allowReceivers },
    onError: (error) => warn(`${error.code}: ${error.message}`),
  }
}

/** The boot server is where it was asked for; a simulated one else where the last run had it, else anywhere. */
async function openKit(
  shared: Omit<VirtkitOptions, 'operations'>,
  location: DatabaseLocation,
  { options, cwd }: { readonly options: ServeOptions; readonly cwd: string },
  lastPort: number | undefined,
): Promise<Virtkit> {
  const { bootHost, bootPort, bootPrograms, tftpPort } = options
  const operations = { work: options.works }
  if (bootHost === undefined && !options.simulated)
    return createVirtkit({ ...shared, operations, catalog: createCatalog(builtinReleases) })
  const standIns = options.simulated || options.standIns
  const media = await bootMedia({ bootHost, bootPort, bootPrograms, tftpPort, standIns }, location, cwd)
  return openAtBootPort({ asked: bootPort, last: lastPort }, (port) =>
    createVirtkit({ ...shared, operations, installMedia: media(port) }),
  )
}

/** What the simulated hypervisor is for, and what the next run must know of this one. */
async function welcome(
  kit: Virtkit,
  { url, port }: OpenSimulator,
  { base }: DatabaseLocation,
  { say }: Told,
): Promise<void> {
  await writeLastRun(base, {
    bootPort: bootPortOf(kit),
    pid: process.pid,
    ...(port !== undefined && { simulatorPort: port }),
  })
  const { cluster, network, group } = await setUpSimulatedWorld(kit, { url })
  say(`a simulated hypervisor is at ${url}: cluster ${cluster}, network ${network}, owner group ${group}`)
}

async function makeAdministrator(kit: Virtkit, { adminPassword }: ServeOptions, { warn }: Told): Promise<void> {
  const first = await kit.users.ensureAdministrator({ password: adminPassword })
  if (!first) return
  const password = adminPassword === undefined ? `${first.password.reveal()} (told this once)` : 'of VIRTKIT_ADMIN_PASSWORD'
  warn(`the administrator is ${first.user.name}, with the password ${password}`)
}

/** For the log: our own words, and of what is not ours the kind only. */
function summary(error: unknown): string {
  if (isVirtkitError(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.name : typeof error
}

async function readTls(
  { cert, key }: NonNullable<ServeOptions['tls']>,
  cwd: string,
): Promise<{ readonly cert: Uint8Array; readonly key: Uint8Array }> {
  const read = async (field: string, file: string): Promise<Uint8Array> => {
    try {
      return await readFile(resolve(cwd, file))
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      throw invalidInput([{ field, problem: `${file} cannot be read (${reason})`, hint: 'name a PEM file' }])
    }
  }
  return { cert: await read('--tls-cert', cert), key: await read('--tls-key', key) }
}
