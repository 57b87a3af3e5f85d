import { createHash } from 'node:crypto'

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

/** Media in memory. The media of many runs hardly differ, so a block that is in several is held once. */
export function createMemoryMediaStore(): MediaStore {
  const blocks = new Map<string, Block>()
  const kept = new Map<string, readonly Block[]>()
  const hold = (bytes: Uint8Array): Block => {
    const digest = createHash('sha256').update(bytes).digest('base64')
    const block = blocks.get(digest) ?? { digest, bytes: Uint8Array.from(bytes), users: 0 }
    blocks.set(digest, block)
    block.users += 1
    return block
  }
  const letGo = (held: readonly Block[]): void => {
    for (const block of held) {
      block.users -= 1
      if (block.users === 0) blocks.delete(block.digest)
    }
  }
  return {
    write: (id) => {
      let held: Block[] = []
      const last = { bytes: Buffer.alloc(blockBytes), length: 0 }
      const append = (chunk: Uint8Array): void => {
        for (let at = 0; at < chunk.length;) {
          const part = chunk.subarray(at, at + blockBytes - last.length)
          last.bytes.set(part, last.length)
          last.length += part.length
          at += part.length
          if (last.length < blockBytes) continue
          held.push(hold(last.bytes))
          last.length = 0
        }
      }
      return {
        append: async (chunk) => append(chunk),
        keep: async () => {
          if (last.length > 0) held.push(hold(last.bytes.subarray(0, last.length)))
          letGo(kept.get(id) ?? [])
          kept.set(id, held)
        },
        discard: async () => {
          letGo(held)
          held = []
        },
      }
    },
    read: async (id) => {
      const held = kept.get(id)
      return held && Buffer.concat(held.map((block) => block.bytes))
    },
    remove: async (id) => {
      letGo(kept.get(id) ?? [])
      kept.delete(id)
    },
  }
}

interface Block {
  readonly digest: string
  readonly bytes: Uint8Array
  /** In how many places of media it is. */
  users: number
}

const blockBytes = 4096
