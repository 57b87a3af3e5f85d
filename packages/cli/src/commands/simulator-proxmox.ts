import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { startProxmoxSimulator } from '@virtkit/proxmox-simulator'
import { exitCodes } from '../exit-codes.ts'
import { VirtkitError, invalidInput } from '@virtkit/spi'
import type { Context } from '../program.ts'

export interface SimulatorProxmoxOptions {
  readonly host: string
  readonly port: number
  readonly release: '8.4' | '9.2'
  readonly pace: number
  readonly certificate?: string
  /** False for `--no-tls`. */
  readonly tls: boolean
}

/** Runs a simulated Proxmox VE API. Prints one line when it can be reached, and ends when it is interrupted. */
export async function simulatorProxmox(options: SimulatorProxmoxOptions, { host, output }: Context): Promise<number> {
  const { certificate, tls, port, release, pace } = options
  if (certificate !== undefined && !tls) {
    throw invalidInput([{ field: '--certificate', problem: 'is of no use with --no-tls', hint: 'Leave one of them out.' }])
  }
  const secret = host.env['VIRTKIT_SIMULATOR_PASSWORD'] || randomUUID()
  const token = { tokenid: 'virtkit', secret, privsep: false }
  const simulator = await startProxmoxSimulator({
    host: options.host,
    port,
    release,
    pace,
    tls,
    password: secret,
    users: [{ userid: 'root@pam', tokens: [token] }],
  }).catch((error: unknown) => {
    throw taken(error, port)
  })
  try {
    if (certificate !== undefined) await writeFile(certificate, simulator.certificate?.cert ?? '')
    const { url } = simulator
    const fingerprint = simulator.certificate?.fingerprint
    const credentials = host.env['VIRTKIT_SIMULATOR_PASSWORD'] ? {} : { token: `root@pam!virtkit=${secret}` }
    if (output.isJson) output.json({ event: 'listening', url, port: simulator.port, release, fingerprint, ...credentials })
    else {
      output.line(`virtkit simulator: Proxmox VE ${release} listening on ${url}`)
      if (credentials.token !== undefined) output.line(`  token: ${credentials.token}`)
      if (fingerprint !== undefined) output.line(`  certificate: ${fingerprint}`)
    }
    if (!host.interrupted.aborted) await once(host.interrupted, 'abort')
  } finally {
    await simulator.close()
  }
  return exitCodes.ok
}

function taken(error: unknown, port: number): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') return error
  return new VirtkitError('CONFLICT', `Port ${port} is taken.`, {
    details: { field: '--port' },
    cause: error,
    hint: 'Choose another, or 0 for any that is free.',
  })
}
