import type { Generated } from 'kysely'

export interface InstallTables {
  /** Where install media serve, and when each was last heard of. */
  bootServers: { origin: string; seenAt: number }
  /** How a machine is to be installed; kept so that it can be read and used again. */
  installParameters: {
    key: Generated<number>
    locale: string
    keyboard: string
    timezone: string
    /** Sealed crypt(3) hash. */
    passwordHash: string
    /** JSON arrays. */
    sshKeys: string
    packages: string
  }
  installs: {
    runId: string
    machineKey: number
    operationId: string
    /** SHA-256 of the run's token. The token itself is derived, never stored. */
    tokenHash: string
    phase: 'planned' | 'published' | 'booted' | 'installing' | 'finishing' | 'ready' | 'failed'
    percent: number
    detail: string | null
    /** The plan as JSON, its password hash sealed. */
    plan: string
    /** Where the medium sends the guest: where install media served when it was made. */
    origin: string | null
    createdAt: number
    endedAt: number | null
    /** JSON array of lines, of a run that failed on a machine whose console could be read. */
    consoleTail: string | null
  }
  /** When a run came to a phase. */
  installPhases: { runId: string; phase: InstallTables['installs']['phase']; startedAt: number }
}
