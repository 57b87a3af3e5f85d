import type { EngineName } from '@virtkit/test-engines/clients'

/** What a worker is told, as JSON in its one argument. */
export interface WorkerJob {
  readonly database: string
  readonly key: string
  readonly engine: EngineName
  readonly server: string
  /** Where another process serves what machines boot from. */
  readonly bootOrigin: string
}

export const queues = { commands: 'soak.commands', results: 'soak.results', dead: 'soak.commands.dead' } as const
/** The user who asks. */
export const automation = 'automation'

export const passwordHash =
  '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/'
