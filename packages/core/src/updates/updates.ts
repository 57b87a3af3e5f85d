import type { By } from '../access/actor.ts'

/**
 * What runs, what there would be, and whether somebody has asked for it. Nothing is downloaded or replaced here: who runs the host
 * listens for `update.scheduled` and does what an update takes. Off, and said so, unless the host hands in `updates`.
 */
export interface Updates {
  /** The version that runs: the host's own when it hands one in, otherwise the kit's. */
  readonly version: string
  /** Asks the source, at most every ten minutes. A source that does not answer is an unknown version, and no error. */
  status(by?: By): Promise<UpdateStatus>
  /**
   * Asks for the update to the version that is available. Promises: again, no effect; nothing newer available, no effect. Throws
   * `UNSUPPORTED` when updates are off.
   *
   * @example
   * ```ts
   * kit.events.on('update.scheduled', ({ data }) => deploy(data.version))
   * await kit.updates.schedule()
   * ```
   */
  schedule(by?: By): Promise<UpdateStatus>
}

export interface UpdateStatus {
  readonly currentVersion: string
  /** Empty: not known. */
  readonly availableVersion: string
  /** What is available is newer than what runs. */
  readonly isAvailable: boolean
  /** Somebody has asked for a version that is newer than what runs. */
  readonly isScheduled: boolean
}

export interface UpdateOptions {
  /** The version of the host. Default: the kit's own. */
  readonly current?: string
  /** Tells the newest version (`1.4.0`), or `undefined` when it does not know. It is given ten seconds. */
  available(signal: AbortSignal): Promise<string | undefined>
}
