import { type InputProblem, invalidInput } from '@virtkit/spi'
import type { Login } from './logins.ts'

/** As the command line has them; what is left out may be in the environment. */
export interface ConnectionFlags {
  readonly url?: string
  readonly database?: string
  readonly keyFile?: string
  readonly bootHost?: string
  readonly bootPort?: number
  readonly bootPrograms?: string
  readonly standIns?: boolean
}

/** Where a command does its work. */
export type Target = RemoteTarget | LocalTarget

export interface RemoteTarget {
  readonly kind: 'remote'
  /** Where the API begins. */
  readonly url: string
  /** Undefined: nobody has logged in there. */
  readonly token: string | undefined
}

export interface LocalTarget extends BootOptions {
  readonly kind: 'local'
  readonly database: string
  /** Seals passwords; undefined: where the database says. */
  readonly keyFile: string | undefined
}

/** How machines that are installed reach us. */
export interface BootOptions {
  /** Undefined: nothing is installed from here. */
  readonly bootHost: string | undefined
  readonly bootPort: number | undefined
  readonly bootPrograms: string | undefined
  /** Simulated guests take these for kernels and initrds; no mirror is asked. */
  readonly standIns: boolean
}

type Env = Readonly<Record<string, string | undefined>>

/** What somebody has logged in to. */
export interface KnownLogins {
  readonly current: string | undefined
  find(url: string): Login | undefined
}

/**
 * Where to work: what the command line says, else the environment, else where somebody logged in last. A word on the command line
 * counts for more than any in the environment. Throws `INVALID_INPUT` for both places at once, and for none.
 */
export function chooseTarget(flags: ConnectionFlags, env: Env, logins: KnownLogins): Target {
  if (flags.url !== undefined && flags.database !== undefined) throw twoPlaces('--url', '--database')
  if (flags.database !== undefined) return localTarget(flags.database, flags, env)
  if (flags.url !== undefined) return remoteTarget(flags.url, '--url', env, logins)
  const url = env['VIRTKIT_URL'] || undefined
  const database = env['VIRTKIT_DATABASE'] || undefined
  if (url !== undefined && database !== undefined) throw twoPlaces('VIRTKIT_URL', 'VIRTKIT_DATABASE')
  if (database !== undefined) return localTarget(database, flags, env)
  if (url !== undefined) return remoteTarget(url, 'VIRTKIT_URL', env, logins)
  if (logins.current !== undefined) return remoteTarget(logins.current, '--url', env, logins)
  const hint = 'write --database FILE to work here, --url URL, or log in once: virtkit login URL'
  throw invalidInput([{ field: '--url', problem: 'is missing: nothing says where to work', hint }])
}

function localTarget(database: string, flags: ConnectionFlags, env: Env): LocalTarget {
  return {
    kind: 'local',
    database,
    keyFile: flags.keyFile ?? (env['VIRTKIT_KEY_FILE'] || undefined),
    ...bootOf(flags, env),
  }
}

function remoteTarget(given: string, field: string, env: Env, logins: KnownLogins): RemoteTarget {
  const url = apiUrl(given, field)
  return { kind: 'remote', url, token: env['VIRTKIT_TOKEN'] || logins.find(url)?.token }
}

function bootOf(flags: ConnectionFlags, env: Env): BootOptions {
  const problems: InputProblem[] = []
  const port = env['VIRTKIT_BOOT_PORT'] || undefined
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65535))
    problems.push({ field: 'VIRTKIT_BOOT_PORT', problem: `is no port: ${port}`, hint: 'ports go from 0 to 65535' })
  const standIns = env['VIRTKIT_STAND_INS'] || undefined
  if (standIns !== undefined && !['0', 'false', '1', 'true'].includes(standIns))
    problems.push({ field: 'VIRTKIT_STAND_INS', problem: `is neither true nor false: ${standIns}` })
  if (problems.length > 0) throw invalidInput(problems)
  return {
    bootHost: flags.bootHost ?? (env['VIRTKIT_BOOT_HOST'] || undefined),
    bootPort: flags.bootPort ?? (port === undefined ? undefined : Number(port)),
    bootPrograms: flags.bootPrograms ?? (env['VIRTKIT_BOOT_PROGRAMS'] || undefined),
    standIns: flags.standIns ?? (standIns === '1' || standIns === 'true'),
  }
}

/** Where the API of a server begins; `/rest/v1` when nothing else is said. Throws `INVALID_INPUT` naming the field. */
export function apiUrl(given: string, field: string): string {
  const url = URL.parse(given)
  const hint = "write it like 'https://virtkit.example.com', or with the path where the API begins"
  if (!url || !/^https?:$/.test(url.protocol)) throw invalidInput([{ field, problem: 'is no http or https URL', hint }])
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw invalidInput([{ field, problem: 'has more than a server and a path: no password belongs here', hint }])
  const path = url.pathname.replace(/\/+$/, '')
  return `${url.origin}${path === '' ? '/rest/v1' : path}`
}

function twoPlaces(one: string, other: string): Error {
  return invalidInput([{ field: one, problem: `says another place than ${other}`, hint: 'give one of them' }])
}
