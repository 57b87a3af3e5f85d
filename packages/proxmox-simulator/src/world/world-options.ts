import type { Guest } from './guests.ts'
import type { Machine } from './machine.ts'
import type { Bridge, Vnet, Zone } from './networks.ts'
import type { Volume } from './storages.ts'
import type { Release } from './world.ts'

/** The world to begin with. Without options: node `pve1` with bridge `vmbr0` and directory storage `local`. */
export interface WorldOptions {
  /** Default `8.4`. */
  readonly release?: Release
  readonly nodes?: readonly NodeOptions[]
  readonly storages?: readonly StorageOptions[]
  readonly volumes?: readonly VolumeOptions[]
  readonly machines?: readonly MachineOptions[]
  /**
   * What runs in a machine that has no guest of its own, asked at each start. Without it, nothing does, as on a machine with an empty
   * disk: its agent does not answer and a shutdown is not obeyed.
   */
  readonly guests?: (machine: Machine) => Guest | undefined
  readonly pools?: readonly { readonly poolid: string; readonly comment?: string }[]
  readonly zones?: readonly Zone[]
  readonly vnets?: readonly Vnet[]
}

export interface NodeOptions {
  readonly node: string
  /** Default 8. */
  readonly cpus?: number
  /** Default 64 GiB. */
  readonly memoryBytes?: number
  /** Default: `vmbr0`, up. */
  readonly bridges?: readonly Bridge[]
  /** Default true. */
  readonly online?: boolean
}

export interface StorageOptions {
  readonly storage: string
  /** `dir`, `nfs`, `cifs`, `btrfs`, `cephfs` hold files; `lvm`, `lvmthin`, `zfspool`, `rbd` raw volumes. */
  readonly type: string
  readonly path?: string
  /** Default false: each node has its own. */
  readonly shared?: boolean
  /** Default: all nodes. */
  readonly nodes?: readonly string[]
  /** Default: everything. */
  readonly content?: readonly string[]
  /** Default 500 GiB. */
  readonly totalBytes?: number
  /** What is taken already, by others than volumes. Default 8 GiB. */
  readonly otherBytes?: number
}

/** `used` is `size` and `ctime` is now when they are not given; `node` is the first. */
export interface VolumeOptions extends Omit<Volume, 'used' | 'ctime'> {
  readonly used?: number
  readonly ctime?: number
}

export interface MachineOptions {
  readonly vmid: number
  /** Default: the first. */
  readonly node?: string
  /** Its configuration, word for word as in the file. Disks that it names are not made: give them in `volumes`. */
  readonly config: Readonly<Record<string, string>>
  readonly running?: boolean
  readonly guest?: Guest
  readonly pool?: string
}
