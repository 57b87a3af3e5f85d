import type { Call, OwnedMachine } from './call.ts'

/** ISO images on the hypervisor's storage. */
export interface MediaOperations {
  /**
   * Stores an image under `name`.
   *
   * Promises: twice the same name yields one file with the bytes of the last; nobody sees a half-written file, and an aborted
   * or failed upload leaves none; the content is streamed, never held whole. A name is one file name: letters, digits,
   * `. _ -`, ending in `.iso`, at most 100 characters; anything else is `INVALID_INPUT`. Throws `DATASTORE_FULL`.
   */
  upload(image: MediumUpload, call: Call): Promise<MediumInfo>
  /** Promises: `undefined` when there is none. Without `datastore`: where `upload` without one puts it. */
  find(where: { name: string; datastore?: string }, call: Call): Promise<MediumInfo | undefined>
  /** Promises: of an image that is gone, fine. Throws `CONFLICT` when it is in a drive and the hypervisor minds. */
  remove(ref: string, call: Call): Promise<void>
  /** Puts the image into the machine's drive and makes the firmware boot it first. Promises: again, no effect. */
  insert(machine: OwnedMachine, ref: string, call: Call): Promise<void>
  /** Empties the drive and makes the firmware boot the disk first. Promises: works while the machine runs; again, no effect. */
  eject(machine: OwnedMachine, call: Call): Promise<void>
}

export interface MediumUpload {
  readonly name: string
  readonly sizeBytes: number
  readonly datastore?: string
  /** Called once per attempt. */
  content(): AsyncIterable<Uint8Array>
}

export interface MediumInfo {
  readonly ref: string
  readonly name: string
  readonly sizeBytes: number
  readonly datastore: string
}
