import type { NetbootRelease } from '../catalog/netboot-release.ts'

export type BootFileName = 'kernel' | 'initrd'

/** Where the installers' kernels and initrds come from. */
export interface BootFiles {
  /**
   * Promises: safe for concurrent calls; a file is streamed, never held whole unless it was given that way. Throws `NOT_FOUND`,
   * whose hint says where the file was expected, and `CONFLICT` for one that is not what its publisher lists: the run fails with
   * either. After any other error the guest asks again.
   */
  open(release: NetbootRelease, file: BootFileName, signal: AbortSignal): Promise<BootFile>
}

export interface BootFile {
  readonly sizeBytes: number
  /** The bytes from `start` up to, not including, `end`; all of them without a range. */
  content(range?: ByteRange): AsyncIterable<Uint8Array>
  /**
   * Reads into the buffer what begins at byte `at`; answers how many bytes, 0 at the end. What is on a disk has it: who sends to many guests
   * at once takes no new memory for each piece then. Left out: by `content`.
   */
  readInto?(buffer: Uint8Array, at: number): Promise<number>
  /** Lets go of what is behind it; twice is fine. */
  close(): Promise<void>
}

export interface ByteRange {
  readonly start: number
  readonly end: number
}
