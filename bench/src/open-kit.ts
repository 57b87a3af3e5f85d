import { type Virtkit, createVirtkit } from '@virtkit/core'
import { createSimulatedHypervisor } from '@virtkit/driver-simulated'
import type { BareConnection } from './bare-connection.ts'

/** A kit on the pool of a bare connection; it leaves operations to nobody, because there are none. */
export async function openKit(bare: BareConnection): Promise<Virtkit> {
  const { driver } = createSimulatedHypervisor({ guests: 'none' })
  return createVirtkit({
    database: bare.forKit,
    drivers: [driver],
    encryption: { keys: [{ id: 'bench', key: Buffer.alloc(32, 7).toString('base64') }] },
    operations: { work: false },
  })
}

/** A cluster that nobody asks anything; it is there for what refers to it. */
export async function addCluster(kit: Virtkit, name: string): Promise<number> {
  const { queries } = kit.database
  const credentials = await queries
    .insertInto('credentials')
    .values({ name, username: '', password: '', url: 'https://hypervisor.test', insecure: 0, http: 0 })
    .returning('key')
    .executeTakeFirstOrThrow()
  const cluster = await queries
    .insertInto('clusters')
    .values({ name, type: 'bench', credentialsKey: credentials.key, options: '{}' })
    .returning('key')
    .executeTakeFirstOrThrow()
  return cluster.key
}
