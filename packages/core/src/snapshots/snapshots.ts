import type { By, ByKey } from '../access/actor.ts'
import type { Operation } from '../operations/operations.ts'

/** Snapshots of deployed machines. They are the hypervisor's own: nothing about them is kept here but their numbers. */
export interface Snapshots {
  /** Parents before children. */
  list(machineKey: number, by?: By): Promise<readonly Snapshot[]>
  get(machineKey: number, key: number, by?: By): Promise<Snapshot>
  /** Waits until it is taken. Throws `UNSUPPORTED` for what the hypervisor cannot do, `CONFLICT` while the machine is busy. */
  create(machineKey: number, snapshot: SnapshotInput, by?: ByKey): Promise<Snapshot>
  rename(machineKey: number, key: number, change: { name?: string; description?: string }, by?: ByKey): Promise<Snapshot>
  /**
   * Goes back to a snapshot. Promises: the machine's hardware on paper follows what it has afterwards, and its contingent with it;
   * hardware that the contingent refuses is put back to what it was.
   */
  revert(machineKey: number, key: number, by?: ByKey): Promise<void>
  /** Its children move up to its parent; with `children`, they go as well. */
  remove(machineKey: number, key: number, options?: { children?: boolean }, by?: ByKey): Promise<void>
  /** Applies the machine's present hardware to these snapshots. */
  updateHardware(machineKey: number, keys: readonly number[], by?: ByKey): Promise<void>
  /** The same, each accepted and not waited for. Throws as they do, and what fails later is the operation's error. */
  start(machineKey: number, work: SnapshotWork, by?: ByKey): Promise<Operation>
  /** The snapshot that a `create` has taken, by the id of its operation. Throws `NOT_FOUND` while there is none. */
  takenBy(operation: string, by?: By): Promise<Snapshot>
}

export type SnapshotWork =
  | { readonly what: 'create'; readonly snapshot: SnapshotInput }
  | { readonly what: 'rename'; readonly key: number; readonly change: { name?: string; description?: string } }
  | { readonly what: 'revert'; readonly key: number }
  | { readonly what: 'remove'; readonly key: number; readonly children?: boolean }
  | { readonly what: 'updateHardware'; readonly keys: readonly number[] }

export interface SnapshotInput {
  /** 1 to 80 characters. */
  readonly name: string
  readonly description?: string
  /** Keep the memory of a running machine. */
  readonly memory?: boolean
  /** Ask the guest to settle its file systems first. */
  readonly quiesce?: boolean
}

export interface Snapshot {
  /** A small number, stable for the machine and this snapshot. */
  readonly key: number
  /** The hypervisor's own name for it. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly parent?: number
  /** The names from the root to it: `/before/after`; a slash in a name is `%2f`, a percent sign `%25`. */
  readonly path: string
  readonly createdAt: number
  readonly memory: boolean
  /** The machine's present state descends from it. */
  readonly current: boolean
}
