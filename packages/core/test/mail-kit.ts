import type { DatabaseOptions, VirtkitOptions } from '../src/index.ts'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'

/** Options of a kit that sends mail to a server with this certificate; every process that has them opens the same secrets. */
export function mailKitOptions(database: DatabaseOptions, ca: string): VirtkitOptions {
  return {
    database,
    encryption: { keys: [{ id: 'mail', key: Buffer.alloc(32, 'mail').toString('base64') }] },
    drivers: [createSimulatedHypervisor().driver],
    notifications: { mailCa: ca },
    operations: { pollMs: 50 },
  }
}
