import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryMediaStore } from './media-store.ts'

async function keep(store: ReturnType<typeof createMemoryMediaStore>, id: string, chunks: Uint8Array[]): Promise<void> {
  const writer = store.write(id)
  for (const chunk of chunks) await writer.append(chunk)
  await writer.keep()
}

describe('media in memory', () => {
  it('are read as they were written, however they came in pieces and whatever they share with others', async () => {
    const written = fc.array(
      fc.record({ length: fc.integer({ min: 0, max: 9000 }), fill: fc.integer({ min: 0, max: 2 }) }),
      { maxLength: 6 },
    )
    const deed = fc.record({ id: fc.constantFrom('a', 'b', 'c'), pieces: fc.option(written) })
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 12 }), async (deeds) => {
        const store = createMemoryMediaStore()
        const model = new Map<string, Buffer>()
        for (const { id, pieces } of deeds) {
          if (pieces === null) {
            await store.remove(id)
            model.delete(id)
          } else {
            const chunks = pieces.map(({ length, fill }) => new Uint8Array(length).fill(fill))
            await keep(store, id, chunks)
            model.set(id, Buffer.concat(chunks))
          }
          for (const name of ['a', 'b', 'c']) expect(await store.read(name)).toEqual(model.get(name))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('what is not kept cannot be read, and what is given up takes nothing of others with it', async () => {
    const store = createMemoryMediaStore()
    const bytes = new Uint8Array(10_000).fill(7)
    await keep(store, 'kept', [bytes])
    const writer = store.write('given-up')
    await writer.append(bytes)
    expect(await store.read('given-up')).toBeUndefined()
    await writer.discard()
    await writer.discard()
    expect(await store.read('kept')).toEqual(Buffer.from(bytes))
  })

  it('a chunk that its owner goes on to change does not change the medium', async () => {
    const store = createMemoryMediaStore()
    const chunk = new Uint8Array(5000).fill(1)
    await keep(store, 'one', [chunk])
    chunk.fill(2)
    expect((await store.read('one'))?.every((byte) => byte === 1)).toBe(true)
  })
})
