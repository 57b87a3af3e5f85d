import { createHash } from 'node:crypto'

export interface IdRange {
  readonly from: number
  readonly to: number
}

/** How many numbers are a key's own before it takes any. */
const ownCandidates = 16

/**
 * The numbers that a machine of this key may get, in order: the same for ever and from any process. So whoever repeats a create asks
 * for the number that it had, and cannot make a second one. Scattered first, then one after the other through the whole range.
 */
export function* candidateIds(key: string, { from, to }: IdRange): Generator<number> {
  const own = ownIds(key, { from, to })
  yield* own
  const size = to - from + 1
  const [first = from] = own
  for (let step = 1; step < size; step += 1) {
    const id = from + ((first - from + step) % size)
    if (!own.includes(id)) yield id
  }
}

/** The first of them: what was made with a key is looked for here when it cannot be found otherwise. */
export function ownIds(key: string, { from, to }: IdRange): readonly number[] {
  const size = BigInt(to - from + 1)
  const ids = Array.from({ length: ownCandidates }, (_, attempt) => {
    const digest = createHash('sha256').update(`${attempt} ${key}`).digest()
    return from + Number(digest.readBigUInt64BE() % size)
  })
  return [...new Set(ids)]
}
