import type { By } from '../access/actor.ts'

/**
 * Boot images of operating systems on the storage of hypervisors, for people who install by hand. Installations do not need them:
 * each has a medium of its own.
 */
export interface Images {
  /**
   * Makes sure that the boot image of each system of the catalog that has one is on the cluster, and tells of each, in the catalog's
   * order.
   *
   * Promises: again, all `present`; who asks while another does so already shares its answer; a process that dies on the way is
   * taken over from, and no half image is ever seen. What an image has replaced is taken away once the new one is there, unless it
   * is in a drive. Throws `NOT_FOUND`, `UNSUPPORTED` for a hypervisor that takes no images, and what it throws when it does not answer.
   *
   * @example
   * ```ts
   * for (const { os, status, reason } of await kit.images.sync(cluster)) console.log(os, status, reason ?? '')
   * ```
   */
  sync(clusterKey: number, by?: By): Promise<readonly ImageStatus[]>
}

export interface ImageStatus {
  /** Catalog release id. */
  readonly os: string
  /** Of the file; it changes with what is in it. Of an image that could not be made: the beginning of it. */
  readonly name: string
  readonly status: 'uploaded' | 'present' | 'failed'
  /** Why it failed. */
  readonly reason?: string
}
