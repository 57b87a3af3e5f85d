import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import { builtinReleases, createCatalog } from '@virtkit/netboot'
import { createRestServer } from '@virtkit/rest'
import { type InstallMedia, invalidInput, isVirtkitError } from '@virtkit/spi'
import { type DatabaseLocation, parseDatabaseLocation } from '../commands/quickstart/database-location.ts'
import { readLastRun, writeLastRun } from '../commands/quickstart/last-run.ts'
import { everyDriver } from '../drivers/every-driver.ts'
import type { Host } from '../host.ts'
import { listOf } from '../list-of.ts'
import { bootMedia } from './boot-media.ts'
import { bootPortOf, openAtBootPort } from './boot-port.ts'
import type { LocalTarget } from './connection-options.ts'

export interface OpenLocal {
  readonly fetch: (request: Request) => Promise<Response>
  close(): Promise<void>
}

export interface OpenLocalOptions {
  /** Operations are carried out, also those that others left; else they are accepted and left. */
  readonly works: boolean
  /** With a boot server, where the target says so; without one, installations are left to those who have one. */
  readonly installs: boolean
  /** A database that is not there is made. */
  readonly mayCreate: boolean
}

/**
 * The API on a database, in this process and without a socket. Whoever may read the database is its administrator.
 *
 * Promises: when it throws, nothing stays open.
 */
export async function openLocal(
  target: LocalTarget,
  { works, installs, mayCreate }: OpenLocalOptions,
  host: Host,
): Promise<OpenLocal> {
  const warn = (text: string): void => void host.stderr.write(`virtkit: ${text}\n`)
  const location = parseDatabaseLocation(target.database, host.cwd, 'virtkit')
  if (!mayCreate) requireDatabase(location)
  const { bootHost, bootPort, keyFile } = target
  const media = installs && bootHost !== undefined ? await bootMedia(target, location, host.cwd) : undefined
  const shared: VirtkitOptions = {
    ...location.options,
    ...(keyFile !== undefined && { encryption: { keyFile: resolve(host.cwd, keyFile) } }),
    drivers: await everyDriver(host.cwd, warn),
    operations: { work: works },
    receivers: { allow: listOf(host.env['VIRTKIT_ALLOW_RECEIVERS']) },
    onError: (error) => warn(`${error.code}: ${error.message}`),
  }
  const kit = media
    ? await openWithMedia(shared, { base: location.base, asked: bootPort, media })
    : await createVirtkit({ ...shared, catalog: createCatalog(builtinReleases) })
  const name = `${nameOfUser()} (local)`
  const rest = createRestServer(kit, {
    authenticate: () => ({ kind: 'user', user: 0, name, permissions: 'all', groups: 'all' }),
    // What a service refuses, the command tells; what is our mistake, only its kind is answered.
    onError: (error, { method, path }) => {
      if (!isVirtkitError(error)) warn(`${method} ${path}: ${error instanceof Error ? error.message : typeof error}`)
    },
  })
  return {
    fetch: (request) => rest.fetch(request),
    close: async () => {
      await rest.close()
      await kit.close()
    },
  }
}

async function openWithMedia(
  shared: VirtkitOptions,
  {
    base,
    asked,
    media,
  }: {
    readonly base: string | undefined
    readonly asked: number | undefined
    readonly media: (port: number) => InstallMedia
  },
): Promise<Virtkit> {
  const last = await readLastRun(base)
  const kit = await openAtBootPort({ asked, last: last.bootPort }, (port) =>
    createVirtkit({ ...shared, installMedia: media(port) }),
  )
  const bootPort = bootPortOf(kit)
  if (bootPort !== last.bootPort) await writeLastRun(base, { ...last, bootPort })
  return kit
}

/** Opening it would make an empty one, in which there is nothing to read. */
function requireDatabase({ options: { database } }: DatabaseLocation): void {
  const file = 'sqlite' in database ? database.sqlite : undefined
  if (typeof file === 'string' && file !== ':memory:' && !existsSync(file))
    throw invalidInput([{ field: '--database', problem: `there is no file ${file}` }])
}

/** For the audit log. */
function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody'
  }
}
