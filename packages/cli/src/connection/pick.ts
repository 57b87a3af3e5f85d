import { invalidInput, VirtkitError } from '@virtkit/spi'

export interface PickOptions<Item> {
  /** `cluster`. */
  readonly what: string
  readonly name: (item: Item) => string
  /** Tells what there is. */
  readonly list: string
}

/**
 * The one that a person means by a name or a key. Throws `INVALID_INPUT` where it may be several, and `NOT_FOUND`, with the way to find
 * out.
 */
export function pick<Item extends { readonly key: number }>(
  items: readonly Item[],
  given: string,
  { what, name, list }: PickOptions<Item>,
): Item {
  const named = items.filter((item) => name(item) === given)
  const keyed = items.filter((item) => String(item.key) === given)
  const [found, another] = new Set([...named, ...keyed])
  if (found && !another) return found
  if (found) {
    const keys = [...new Set([...named, ...keyed])].map((item) => `${item.key} (${name(item)})`).join(' and ')
    throw invalidInput([{ field: what, problem: `${given} may be ${keys}`, hint: 'say it by its key, or rename one' }])
  }
  throw new VirtkitError('NOT_FOUND', `There is no ${what} ${JSON.stringify(given)}.`, {
    details: { what, id: given },
    hint: `See what there is: ${list}`,
  })
}
