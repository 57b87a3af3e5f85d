import { type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import {
  type SimulatedHypervisor,
  createSimulatedHypervisor,
  fastPace,
  standInInitrd,
  standInKernel,
} from '@virtkit/driver-simulated'
import { memoryBootFiles, netboot } from '@virtkit/netboot'
import type { InstallMedia } from '@virtkit/spi'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { randomBytes } from 'node:crypto'
import { type RestOptions, type RestServer, createRestServer } from '../src/index.ts'
import { checked } from './response-check.ts'

/** A value as JSON has it, or as a form writes it. */
export type Fields = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at whatever came
  readonly body: any
}

export interface RestLab extends AsyncDisposable {
  readonly kit: Virtkit
  readonly rest: RestServer
  readonly simulator: SimulatedHypervisor
  /** Calls as the administrator, form-encoded as the original's documentation shows. */
  call(method: string, path: string, fields?: Fields, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** The same as somebody else: `undefined` is nobody. */
  as(user: { name: string; password: string } | undefined): RestLab['call']
}

/** What guests of the simulated hypervisor are installed from. */
export function media(): InstallMedia {
  return netboot({
    listen: { host: '127.0.0.1', port: 0 },
    bootFiles: memoryBootFiles({ kernel: standInKernel('rest', 8192), initrd: standInInitrd('rest', 8192) }),
  })
}

export const admin = { name: 'admin', password: 'correct horse battery' }

/** A kit with a simulated hypervisor, an administrator, and the REST face before it. */
export async function openRestLab(
  database: DatabaseLocation,
  options: { readonly kit?: Partial<VirtkitOptions>; readonly rest?: RestOptions } = {},
): Promise<RestLab> {
  const simulator = createSimulatedHypervisor({ pace: fastPace })
  const kit = await createVirtkit({
    database,
    encryption: { keys: [{ id: 'test', key: randomBytes(32).toString('base64') }] },
    drivers: [simulator.driver],
    installMedia: media(),
    operations: { pollMs: 100 },
    ...options.kit,
  })
  await kit.users.add({ ...admin, permissionGroups: ['administrator'] })
  const server = createRestServer(kit, options.rest)
  // Every answer of every test is held against the OpenAPI document.
  const rest: RestServer = { ...server, fetch: checked(server.fetch, options.rest?.base) }
  const as: RestLab['as'] = (user) => async (method, path, fields, headers) => {
    const body = fields && formOf(fields)
    const request = new Request(`http://lab${path.startsWith('/rest/') ? path : `/rest/v1${path}`}`, {
      method,
      headers: { ...(user && { authorization: basic(user) }), ...headers },
      ...(body !== undefined && { body }),
    })
    const response = await rest.fetch(request)
    const type = response.headers.get('content-type') ?? ''
    return {
      status: response.status,
      headers: response.headers,
      body: type.includes('json') ? await response.json() : response,
    }
  }
  return {
    kit,
    rest,
    simulator,
    call: as(admin),
    as,
    [Symbol.asyncDispose]: async () => {
      await rest.close()
      await kit.close()
      await simulator.close()
    },
  }
}

export function basic({ name, password }: { name: string; password: string }): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}

/** `users: [1, 2]` is `users[0]=1&users[1]=2`. */
export function formOf(fields: Fields): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) value.forEach((each, index) => form.append(`${name}[${index}]`, String(each)))
    else if (value !== undefined) form.append(name, String(value))
  }
  return form
}
