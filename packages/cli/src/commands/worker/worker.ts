import { once } from 'node:events'
import { resolve } from 'node:path'
import { type Virtkit, createVirtkit } from '@virtkit/core'
import { mirrorBootFiles, netboot } from '@virtkit/netboot'
import { asUser, byToken, cloudEvents, takeCommands } from '@virtkit/queue'
import { toVirtkitError } from '@virtkit/spi'
import { everyDriver } from '../../drivers/every-driver.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { Context } from '../../program.ts'
import { parseDatabaseLocation } from '../quickstart/database-location.ts'
import { readBootPrograms } from '../serve/boot-programs.ts'
import { openEngine } from './open-engine.ts'
import { type QueueOptions, type WorkerFlags, type WorkerOptions, parseWorkerOptions } from './worker-options.ts'

const closeMs = 30_000

/**
 * One of any number of workers on a database: works on operations, and takes commands from a queue where there is one.
 *
 * Promises: interrupted, it takes nothing more, hands over what is under way and exits 0 within half a minute; a second signal ends it at
 * once. Killed, it loses nothing: others take over.
 */
export async function worker(flags: WorkerFlags, { host, output }: Context): Promise<number> {
  const options = parseWorkerOptions(flags, host.env)
  const warn = (text: string): void => void host.stderr.write(`virtkit: ${text}\n`)
  const onError = (error: unknown): void => {
    const { code, message } = toVirtkitError(error)
    warn(`${code}: ${message}`)
  }
  await using open = new AsyncDisposableStack()
  const opened = options.queue && (await openEngine(options.queue.url, host.cwd, onError))
  if (opened) open.defer(opened.close)
  const sinks = options.queue?.events === undefined ? [] : [cloudEvents(opened!.engine, { to: options.queue.events })]
  const kit = open.use(await openKit(options, host.cwd, { warn, onError, eventSinks: sinks }))
  if (opened && options.queue) open.use(await takeCommands(kit, { ...taking(kit, options.queue), engine: opened.engine }))
  if (!host.interrupted.aborted) {
    if (output.isJson) output.json({ event: 'working' })
    else output.line('virtkit: at work')
    await once(host.interrupted, 'abort')
  }
  if (!output.isQuiet) warn('ending: what is under way is handed over; a second signal ends it at once')
  // A hypervisor, database or engine that does not let go keeps nobody from ending.
  setTimeout(() => process.exit(exitCodes.ok), closeMs).unref()
  return exitCodes.ok
}

function taking(kit: Virtkit, { commands, results, user }: QueueOptions) {
  return {
    from: commands,
    whoAsks: user === undefined ? byToken(kit) : asUser(kit, user),
    ...(results !== undefined && { results }),
  }
}

async function openKit(
  { database, keyFile, bootOrigin, bootPrograms, concurrency }: WorkerOptions,
  cwd: string,
  more: {
    readonly warn: (text: string) => void
    readonly onError: (error: unknown) => void
    readonly eventSinks: ReturnType<typeof cloudEvents>[]
  },
): Promise<Virtkit> {
  const location = parseDatabaseLocation(database, cwd, 'virtkit')
  const programs = bootPrograms === undefined ? undefined : await readBootPrograms(bootPrograms, cwd)
  return createVirtkit({
    ...location.options,
    ...(keyFile !== undefined && { encryption: { keyFile: resolve(cwd, keyFile) } }),
    drivers: await everyDriver(cwd, more.warn),
    installMedia: netboot({
      listen: false,
      publicOrigin: bootOrigin,
      // Served by the process that listens.
      bootFiles: mirrorBootFiles({ cacheDirectory: resolve(cwd, 'virtkit-boot-files') }),
      ...(programs && { bootPrograms: programs.media }),
    }),
    operations: { concurrency },
    onError: more.onError,
    eventSinks: more.eventSinks,
  })
}
