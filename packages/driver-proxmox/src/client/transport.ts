export type PveMethod = 'GET' | 'POST' | 'PUT' | 'DELETE'

export type PveParams = Readonly<Record<string, string | number | boolean | undefined>>

/** One call of the API: the path as its documentation has it, and what stands in its braces. */
export interface PveAsk {
  readonly method: PveMethod
  /** `/nodes/{node}/qemu/{vmid}/config`. */
  readonly path: string
  readonly at?: Readonly<Record<string, string | number>>
  readonly params?: PveParams
  readonly signal: AbortSignal
}

/** A file on its way to a storage. */
export interface PveUpload {
  readonly node: string
  readonly storage: string
  readonly name: string
  readonly sizeBytes: number
  readonly content: () => AsyncIterable<Uint8Array>
  readonly sent?: (bytes: number) => void
  readonly signal: AbortSignal
}

/**
 * The way to a cluster, whichever of its nodes answers.
 *
 * Promises: a request that may change something is sent once, or again only when it is certain that the first one did nothing; reads
 * are tried on every endpoint. Throws `PveError`, whose `happened` is true to that.
 */
export interface PveTransport {
  /** Answers `data`. */
  request(ask: PveAsk): Promise<unknown>
  /** Answers the id of the task that puts the file in its place. */
  upload(upload: PveUpload): Promise<unknown>
  /** Resolves when every socket is closed. */
  close(): Promise<void>
}
