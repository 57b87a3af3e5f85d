import type { By } from '../access/actor.ts'

/** Presets of machines. */
export interface Profiles {
  /**
   * Throws `INVALID_INPUT` (an unknown OS, sizes below the OS's minimum), `CONFLICT` for a name in use, `NOT_FOUND` for the cluster or a network.
   */
  add(profile: ProfileInput, by?: By): Promise<Profile>
  get(key: number, by?: By): Promise<Profile>
  find(name: string, by?: By): Promise<Profile | undefined>
  list(by?: By): Promise<readonly Profile[]>
  /** Replaces all of it. */
  update(key: number, profile: ProfileInput, by?: By): Promise<Profile>
  remove(key: number, by?: By): Promise<void>
}

export interface ProfileInput {
  readonly name: string
  readonly cluster: number
  /** Catalog release id: `debian-12`. */
  readonly os: string
  readonly cpus: number
  readonly memoryMiB: number
  readonly diskMiB: number
  /** Default `auto`. */
  readonly datastore?: string
  /** In order; the first is the one to install from. */
  readonly networks: readonly number[]
}

export interface Profile extends ProfileInput {
  readonly key: number
  readonly datastore: string
}
