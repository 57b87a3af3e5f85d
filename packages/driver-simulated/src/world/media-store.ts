/** Where the bytes of media are kept. */
export interface MediaStore {
  /** Takes bytes piece by piece; nothing can be read under `id` before `keep`. */
  write(id: string): MediumWriter
  /** `undefined` when there are none. */
  read(id: string): Promise<Uint8Array | undefined>
  /** Of what is gone: fine. */
  remove(id: string): Promise<void>
}

export interface MediumWriter {
  append(chunk: Uint8Array): Promise<void>
  keep(): Promise<void>
  discard(): Promise<void>
}

export function createMemoryMediaStore(): MediaStore {
  const kept = new Map<string, Uint8Array>()
  return {
    write: (id) => {
      let chunks: Uint8Array[] = []
      return {
        append: async (chunk) => void chunks.push(Uint8Array.from(chunk)),
        keep: async () => void kept.set(id, Buffer.concat(chunks)),
        discard: async () => void (chunks = []),
      }
    },
    read: async (id) => kept.get(id),
    remove: async (id) => void kept.delete(id),
  }
}
