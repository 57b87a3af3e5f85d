import type { Client } from '@virtkit/rest/client'
import type { Context } from '../program.ts'

/** What a command on an installation is given: the API, wherever it is. */
export interface Session extends Context {
  readonly client: Client
  /** The API is in this process, on a database. */
  readonly isLocal: boolean
  /** Whether machines can be installed from there; of a server, only it knows. */
  readonly canInstall: boolean
  /** The command does not wait for what it sets going. */
  readonly isHasty: boolean
  /** A word beside the answer, on stderr; not to those who want it quiet. */
  say(text: string): void
}

/** What a command does to an installation, and so what is opened for it where it works on a database. */
export type Effect = 'reads' | 'changes' | 'operates'
