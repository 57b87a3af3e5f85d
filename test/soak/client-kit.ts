import { type Virtkit, type VirtkitOptions, createVirtkit } from '@virtkit/core'
import { tokens } from '@virtkit/core/inversify'
import { simulated } from '@virtkit/driver-simulated'
import type { Hypervisor, OsCatalog } from '@virtkit/spi'
import { ContainerModule } from 'inversify'
import type { Job } from './job.ts'
import { NaiveAddresses } from './mutants/naive-addresses.ts'

const size = { cpus: 1, memoryMiB: 64, diskMiB: 1024 }
const release = {
  key: 1,
  id: 'soak-1',
  family: 'soak',
  name: 'Soak 1',
  version: '1',
  architecture: 'amd64',
  minimum: size,
  recommended: size,
} as const
const catalog: OsCatalog = { list: () => [release], find: (id) => (id === 'soak-1' || id === 1 ? release : undefined) }

/** The catalog of this soak, for any kit of it. */
export const soakCatalog: ContainerModule = new ContainerModule(({ rebind }) => {
  rebind(tokens.Catalog).toConstantValue(catalog)
})

type OpenOptions = Pick<Job, 'database' | 'keys' | 'leaseMs' | 'mutation'> & {
  readonly random: () => number
  readonly work?: boolean
}

/** A kit as the job wants it. */
export function openClientKit(job: OpenOptions): Promise<Virtkit> {
  const { naiveAddresses, macs } = job.mutation
  const modules = [soakCatalog]
  if (naiveAddresses) {
    modules.push(
      new ContainerModule(({ rebind }) => {
        rebind(tokens.Addresses)
          .toResolvedValue((database) => new NaiveAddresses(database), [tokens.Database])
          .inSingletonScope()
      }),
    )
  }
  const options: VirtkitOptions = {
    database: job.database,
    encryption: { keys: job.keys },
    drivers: [simulated],
    operations: { pollMs: 200, leaseMs: job.leaseMs, work: job.work ?? true },
    modules,
    onError: () => {},
    random: macs === undefined ? job.random : () => Math.floor(job.random() * macs) / macs,
  }
  return createVirtkit(options)
}

/** A session with the simulator that is opened when it is first needed. */
export function lazyHypervisor(url: string): () => Promise<Hypervisor> {
  let session: Promise<Hypervisor> | undefined
  return () => (session ??= simulated.connect({ url }, { signal: AbortSignal.timeout(30_000) }))
}
