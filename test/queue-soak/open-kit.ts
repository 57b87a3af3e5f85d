import { type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import { simulated, standInInitrd, standInKernel } from '@virtkit/driver-simulated'
import { type NetbootOptions, memoryBootFiles, netboot } from '@virtkit/netboot'

/** A kit of one of the processes: where media are served, and whether it works, is its role. */
export function openKit(
  database: string,
  key: string,
  role: Pick<NetbootOptions, 'listen' | 'publicOrigin'> & { readonly works: boolean },
): Promise<Virtkit> {
  const { works, ...media } = role
  const bootFiles = memoryBootFiles({ kernel: standInKernel('soak', 8192), initrd: standInInitrd('soak', 8192) })
  const options: VirtkitOptions = {
    database: { postgres: database, maxConnections: 6 },
    encryption: { keys: [{ id: 'soak', key }] },
    drivers: [simulated],
    installMedia: netboot({ ...media, bootFiles }),
    operations: { work: works, pollMs: 200, leaseMs: 3_000, perCluster: 32 },
    onError: () => {}, // the database is taken away on purpose
  }
  return createVirtkit(options)
}
