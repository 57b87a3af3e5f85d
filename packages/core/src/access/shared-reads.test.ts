import { expect, it } from 'vitest'
import { SharedReads } from './shared-reads.ts'

/** Reads that end when they are told to, and answer how often they were begun. */
function slowReads(): { reads: SharedReads<number>; begun: string[]; end(index: number, error?: Error): void } {
  const begun: string[] = []
  const open: PromiseWithResolvers<number>[] = []
  const reads = new SharedReads<number>((key) => {
    begun.push(key)
    const read = Promise.withResolvers<number>()
    open.push(read)
    return read.promise
  })
  const end = (index: number, error?: Error): void => {
    if (error) open[index]!.reject(error)
    else open[index]!.resolve(index)
  }
  return { reads, begun, end }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

it('who asks while a read is under way is answered by one that began later', async () => {
  const { reads, begun, end } = slowReads()
  const first = reads.ask('a')
  const later = [reads.ask('a'), reads.ask('a'), reads.ask('a')]
  expect(begun).toEqual(['a'])
  end(0)
  expect(await first).toBe(0)
  await settle()
  const latest = reads.ask('a')
  expect(begun).toEqual(['a', 'a'])
  end(1)
  expect(await Promise.all(later)).toEqual([1, 1, 1])
  await settle()
  end(2)
  expect(await latest).toBe(2)
  expect(begun).toHaveLength(3)
})

it('different keys do not wait for each other, and nothing is kept between reads', async () => {
  const { reads, begun, end } = slowReads()
  const both = [reads.ask('a'), reads.ask('b')]
  expect(begun).toEqual(['a', 'b'])
  end(1)
  end(0)
  expect(await Promise.all(both)).toEqual([0, 1])
  await settle()
  const again = reads.ask('a')
  expect(begun).toEqual(['a', 'b', 'a'])
  end(2)
  expect(await again).toBe(2)
})

it('a read that fails fails for those who share it, and for nobody else', async () => {
  const { reads, end } = slowReads()
  const first = reads.ask('a')
  const second = reads.ask('a')
  end(0, new Error('no connection'))
  await expect(first).rejects.toThrow('no connection')
  await settle()
  end(1)
  expect(await second).toBe(1)
})
