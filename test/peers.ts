import { createRequire } from 'node:module'
import { findPostgres, installPostgres } from './databases/find-postgres.ts'
import { findBootPeers, installBootPeers } from './find-boot-peers.ts'
import { findChromium, installChromium } from './find-chromium.ts'
import { installInstallerCheckers, lacksInstallerCheckers } from './find-installer-checkers.ts'
import { findProxmoxClients, installProxmoxClients } from './find-proxmox-clients.ts'
import { installShells, lacksShells } from './find-shells.ts'
import { installTmux, lacksTmux } from './find-tmux.ts'
import { installEngines, lacksEngines } from './engines/find-engines.ts'
import { findVcsimSources, installVcsimSources } from './vcsim/find-vcsim-sources.ts'
import { installLibvirt, lacksLibvirt } from './libvirt/find-libvirt.ts'

/** Something that tests need and that a machine may lack. Outside CI its tests are left out, and the run says so. */
export interface MissingPeer {
  readonly name: string
  readonly because: string
  /** The command that brings it. */
  readonly install: string
}

interface Peer {
  readonly name: string
  readonly install: string
  /** Why it cannot be used, or undefined when it can. */
  lacks(): Promise<string | undefined>
}

const peers: readonly Peer[] = [
  { name: 'SQLite', install: 'npm install --no-save better-sqlite3', lacks: async () => unloadable('better-sqlite3') },
  { name: 'PostgreSQL client', install: 'npm install --no-save pg', lacks: async () => unloadable('pg') },
  {
    name: 'PostgreSQL',
    install: installPostgres,
    lacks: async () => {
      if (process.env.VIRTKIT_TEST_POSTGRES) return undefined
      const found = await findPostgres()
      return 'missing' in found ? found.missing : undefined
    },
  },
  {
    name: 'Chromium',
    install: installChromium,
    lacks: async () => {
      const found = findChromium()
      return 'missing' in found ? found.missing : undefined
    },
  },
  {
    name: 'Proxmox VE clients',
    install: installProxmoxClients,
    lacks: async () => {
      const found = findProxmoxClients()
      return 'missing' in found ? found.missing : undefined
    },
  },
  {
    name: 'vSphere peer',
    install: installVcsimSources,
    lacks: async () => {
      const found = findVcsimSources()
      return 'missing' in found ? found.missing : undefined
    },
  },
  { name: 'Checkers of installers', install: installInstallerCheckers, lacks: async () => lacksInstallerCheckers() },
  { name: 'Shells', install: installShells, lacks: async () => lacksShells() },
  { name: 'tmux', install: installTmux, lacks: async () => lacksTmux() },
  { name: 'libvirt', install: installLibvirt, lacks: async () => lacksLibvirt() },
  { name: 'Redis and RabbitMQ', install: installEngines, lacks: async () => lacksEngines() },
  {
    name: 'QEMU with boot programs',
    install: installBootPeers,
    lacks: async () => {
      const found = findBootPeers()
      return 'missing' in found ? found.missing : undefined
    },
  },
]

export async function missingPeers(): Promise<MissingPeer[]> {
  const missing: MissingPeer[] = []
  for (const { name, install, lacks } of peers) {
    const because = await lacks()
    if (because !== undefined) missing.push({ name, because, install })
  }
  return missing
}

function unloadable(name: string): string | undefined {
  try {
    createRequire(new URL('databases/package.json', import.meta.url))(name)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error)
  }
}
