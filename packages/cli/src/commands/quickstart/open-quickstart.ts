import { type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import { simulated, standInInitrd, standInKernel } from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import { bootPortOf, openAtBootPort } from '../../connection/boot-port.ts'
import type { Host } from '../../host.ts'
import type { DatabaseLocation } from './database-location.ts'
import { readLastRun, writeLastRun } from './last-run.ts'
import { type OpenSimulator, openSimulator } from './open-simulator.ts'
import type { Tell } from './quickstart-events.ts'
import type { QuickstartOptions } from './quickstart.ts'
import { clusterName } from './world.ts'

export interface OpenQuickstart {
  readonly kit: Virtkit
  readonly simulator: OpenSimulator
  close(): Promise<void>
}

/**
 * Opens database, simulator and kit. Promises: when it throws, nothing stays open; a problem of the database is told before anything
 * is written elsewhere.
 */
export async function openQuickstart(
  location: DatabaseLocation,
  options: QuickstartOptions,
  host: Host,
  tell: Tell,
): Promise<OpenQuickstart> {
  const { base } = location
  const shared: Omit<VirtkitOptions, 'operations'> = {
    ...location.options,
    drivers: [simulated],
    onError: (error) => tell({ event: 'trouble', error }),
  }
  const last = await readLastRun(base)
  const simulator = await prepareSimulator(shared, () => openSimulator(options, { base, last, env: host.env }))
  let kit: Virtkit | undefined
  try {
    kit = await openKit(shared, options.bootPort, last.bootPort)
    await writeLastRun(base, {
      bootPort: bootPortOf(kit),
      pid: process.pid,
      ...(simulator.port && { simulatorPort: simulator.port }),
    })
  } catch (error) {
    await kit?.close()
    await simulator.close()
    throw error
  }
  const { url, stateFile, isOwn } = simulator
  tell({
    event: 'opened',
    database: location.text,
    simulator: { url, own: isOwn, ...(stateFile === undefined ? {} : { stateFile }) },
    bootServer: kit.bootOrigin ?? '',
  })
  return {
    kit,
    simulator,
    close: async () => {
      await kit.close()
      await simulator.close()
    },
  }
}

/**
 * Opens the simulator, and tells the database of an earlier run where it is now: before a kit that works goes on with what that
 * run left, and looks for it where it was.
 */
export async function prepareSimulator(
  shared: Omit<VirtkitOptions, 'operations'>,
  open: () => Promise<OpenSimulator>,
): Promise<OpenSimulator> {
  const kit = await createVirtkit({ ...shared, operations: { work: false } })
  let simulator: OpenSimulator | undefined
  try {
    simulator = await open()
    const cluster = await kit.clusters.find(clusterName)
    if (!cluster) return simulator
    const known = await kit.credentials.get(cluster.credentialsKey)
    const { url, username = '', password } = simulator.access
    if (known.url !== url || known.username !== username || password !== undefined) {
      await kit.credentials.update(cluster.credentialsKey, { url, username, password: password ?? '' })
    }
    return simulator
  } catch (error) {
    await simulator?.close()
    throw error
  } finally {
    await kit.close()
  }
}

/** Opens the kit; its boot server where it was asked for, else where the last run had it, else anywhere. */
async function openKit(
  shared: Omit<VirtkitOptions, 'operations'>,
  asked: number | undefined,
  last: number | undefined,
): Promise<Virtkit> {
  return openAtBootPort({ asked, last }, (port) =>
    createVirtkit({ ...shared, installMedia: netboot({ listen: { host: '127.0.0.1', port }, bootFiles: standIns() }) }),
  )
}

/** There is no mirror here. Simulated guests check that these are a kernel and an initrd; no processor could run them. */
export function standIns(): ReturnType<typeof memoryBootFiles> {
  return memoryBootFiles({
    kernel: standInKernel('quickstart', 256 * 1024),
    initrd: standInInitrd('quickstart', 1024 * 1024),
  })
}
