import { once } from 'node:events'
import { type Credentials, fastPace, startSimulatorServer } from '@virtkit/driver-simulated'
import { Secret, invalidInput } from '@virtkit/spi'
import { exitCodes } from '../exit-codes.ts'
import type { Host } from '../host.ts'
import type { Context } from '../program.ts'

export interface SimulatorOptions {
  readonly host: string
  readonly port: number
  readonly state?: string
  readonly seed: number
  readonly username?: string
  readonly pace: 'fast' | 'real'
}

/** Runs a simulated hypervisor. Prints one line when it can be reached, and ends when it is interrupted. */
export async function simulatorHypervisor(options: SimulatorOptions, { host, output }: Context): Promise<number> {
  const { state, pace, seed, port } = options
  const credentials = credentialsOf(options, host)
  const server = await startSimulatorServer({
    host: options.host,
    port,
    world: { seed },
    pace: pace === 'fast' ? fastPace : {},
    ...(state === undefined ? {} : { stateFile: state }),
    ...(credentials && { credentials }),
  })
  try {
    if (output.isJson) output.json({ event: 'listening', url: server.url, port: server.port })
    else output.line(`virtkit simulator: listening on ${server.url}`)
    if (!host.interrupted.aborted) await once(host.interrupted, 'abort')
  } finally {
    await server.close()
  }
  return exitCodes.ok
}

function credentialsOf({ username }: SimulatorOptions, { env }: Host): Credentials | undefined {
  const password = env['VIRTKIT_SIMULATOR_PASSWORD']
  if (username === undefined && password === undefined) return undefined
  if (username !== undefined && password) return { username, password: new Secret(password) }
  throw invalidInput([
    username === undefined
      ? {
          field: '--username',
          problem: 'is missing',
          hint: 'there is a password in VIRTKIT_SIMULATOR_PASSWORD; unset it to let everybody in',
        }
      : { field: 'VIRTKIT_SIMULATOR_PASSWORD', problem: `is missing or empty: ${username} needs a password` },
  ])
}
