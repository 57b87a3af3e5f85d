import type { Accounts, Caller } from '../access/accounts.ts'
import type { Permissions } from '../access/permissions.ts'
import type { Pace } from '../pace.ts'
import type { MachineLocks } from '../tasks/machine-locks.ts'
import type { TaskWork, Tasks } from '../tasks/tasks.ts'
import type { Statistics } from '../world/statistics.ts'
import type { World } from '../world/world.ts'
import type { Parameters, Params, RawParams } from './parameters.ts'

/** Everything that an answer may need. */
export interface Hall {
  readonly world: World
  readonly tasks: Tasks
  readonly locks: MachineLocks
  readonly accounts: Accounts
  readonly permissions: Permissions
  readonly statistics: Statistics
  readonly pace: Pace
  /** Files that came with a request and that no task has taken yet, by their temporary name. */
  readonly uploads: ReadonlyMap<string, UploadedFile>
  readonly keepsUploads: boolean
}

export interface UploadedFile {
  readonly bytes: number
  /** In hexadecimal digits, by the algorithm that was asked for. */
  readonly checksum: string | undefined
  /** Where the simulator keeps uploads. */
  readonly content?: Buffer
}

export interface Call extends Hall {
  readonly caller: Caller
  readonly params: Params
  /** True for `root@pam` with his password; not for tokens of his. */
  readonly isRoot: boolean
  /** Starts a task of this caller on a node. */
  start(node: string, type: string, id: string | number, work: TaskWork): string
  may(path: string, privileges: readonly string[], any?: boolean): boolean
  check(path: string, privileges: readonly string[], any?: boolean): void
}

/** What must be allowed before parameters are looked at; `{name}` in a path is a parameter. */
export type Access =
  | 'world'
  | 'all'
  | { readonly path: string; readonly privileges: readonly string[]; readonly any?: boolean }
  | ((
      hall: Hall,
      given: RawParams,
    ) => { readonly path: string; readonly privileges: readonly string[]; readonly any?: boolean })

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/nodes/{node}/qemu`. */
  readonly path: string
  /** Those of the path come by themselves. */
  readonly parameters: Parameters
  readonly access: Access
  readonly answer: (call: Call) => unknown
}

/** An answer that has more than its `data`. */
export class Answer {
  readonly body: Readonly<Record<string, unknown>>

  constructor(body: Readonly<Record<string, unknown>>) {
    this.body = body
  }
}
