import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import type { DatabaseOptions, VirtkitOptions } from '../src/index.ts'

/** Options of a kit that tells receivers on this machine; every process that has them opens the same secrets. */
export function callbackKitOptions(database: DatabaseOptions): VirtkitOptions {
  return {
    database,
    encryption: { keys: [{ id: 'callbacks', key: Buffer.alloc(32, 'callbacks').toString('base64') }] },
    drivers: [createSimulatedHypervisor().driver],
    // What a killed process had begun is taken up by the next after three times this.
    receivers: { allow: ['127.0.0.0/8'], timeoutMs: 1000 },
    logs: false,
  }
}
