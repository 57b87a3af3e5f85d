/** Does it for each, so many at a time; answers in order. The first failure ends it. */
export async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = Array.from({ length: items.length })
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next
      next += 1
      results[index] = await work(items[index] as T)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  } finally {
    next = items.length
  }
  return results
}
