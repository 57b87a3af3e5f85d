import type { Call, OwnedMachine } from './call.ts'

export interface SnapshotOperations {
  /** The degrees of this capability. The conformance cases check each that is claimed. */
  readonly supports: {
    /** Can keep the memory of a running machine. */
    readonly memory: boolean
    /** Can ask the guest to settle its file systems first. */
    readonly quiesce: boolean
    readonly rename: boolean
    /** Can apply today's hardware to older snapshots without loss. */
    readonly updateHardware: boolean
  }
  /** Promises: the tree and `current` are true after every create, revert and remove. Throws `NOT_FOUND`. */
  list(ref: string, call: Call): Promise<SnapshotTree>
  /**
   * Takes a snapshot, which becomes `current`.
   *
   * Promises: names and descriptions of any Unicode (80 and 400 characters at least) come back as given, names need not be
   * unique; a failed snapshot leaves nothing behind; `quiesce` is answered honestly. `memory` of a stopped machine is a snapshot
   * without memory. Throws `UNSUPPORTED` for memory or quiesce that is not claimed, `NOT_OURS`, `DATASTORE_FULL`.
   */
  create(machine: OwnedMachine, request: SnapshotRequest, call: Call): Promise<SnapshotTaken>
  /** Throws `UNSUPPORTED` where `supports.rename` is false, `NOT_FOUND`. */
  rename(machine: OwnedMachine, id: string, change: { name?: string; description?: string }, call: Call): Promise<void>
  /**
   * Puts disks, hardware and (if kept) memory back; without memory the machine is off afterwards, with memory it runs.
   * Promises: the snapshot becomes `current`; the tree stays. Throws `NOT_FOUND`, `NOT_OURS`.
   */
  revert(machine: OwnedMachine, id: string, call: Call): Promise<void>
  /**
   * Removes one snapshot, its children move up to its parent; with `children`, the whole branch.
   * Promises: the machine's present disk content does not change; of a snapshot that is gone, fine.
   */
  remove(machine: OwnedMachine, id: string, options: { children: boolean }, call: Call): Promise<void>
  /**
   * Applies the machine's present cpus, memory and network cards to these snapshots.
   * Promises: keeps tree, names, descriptions and disk content; a machine that is off stays as it is. Throws `UNSUPPORTED` where
   * not claimed, `CONFLICT` for a snapshot with memory, which fits one hardware only.
   */
  updateHardware(machine: OwnedMachine, ids: readonly string[], call: Call): Promise<void>
}

export interface SnapshotRequest {
  readonly name: string
  readonly description: string
  readonly memory: boolean
  readonly quiesce: boolean
}

export interface SnapshotTaken {
  readonly id: string
  readonly quiesce: 'not-asked' | 'quiesced' | 'fell-back'
}

export interface SnapshotTree {
  /** The snapshot that the machine's present state descends from. */
  readonly current?: string
  /** Parents before children. */
  readonly snapshots: readonly SnapshotInfo[]
}

export interface SnapshotInfo {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly parent?: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly memory: boolean
}
