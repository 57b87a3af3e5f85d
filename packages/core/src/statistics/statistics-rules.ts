import { type AddressPlan, type AddressPool, type AddressRange, poolOf } from '../networks/address-rules.ts'

/** How many addresses a network hands out; exact up to 2^53. */
export function sizeOfPool(plan: AddressPlan): number {
  const pool = poolOf(plan)
  if (pool.first > pool.last) return 0
  let size = pool.last - pool.first + 1n
  for (const { first, last } of disjoint(pool.excluded, pool)) size -= last - first + 1n
  // The ends of the network are trimmed off the pool; its gateway may be in the middle.
  const { gateway } = pool
  const isInside = gateway !== undefined && gateway >= pool.first && gateway <= pool.last
  if (isInside && !pool.excluded.some(({ first, last }) => gateway >= first && gateway <= last)) size -= 1n
  return Number(size)
}

/** What of the ranges is inside of the bounds, overlaps counted once. */
function disjoint(
  ranges: readonly AddressRange[],
  bounds: Pick<AddressPool, 'first' | 'last'>,
): { readonly first: bigint; readonly last: bigint }[] {
  const result: { first: bigint; last: bigint }[] = []
  let from = bounds.first
  for (const range of ranges) {
    const first = range.first < from ? from : range.first
    const last = range.last > bounds.last ? bounds.last : range.last
    if (first > last) continue
    result.push({ first, last })
    from = last + 1n
  }
  return result
}
