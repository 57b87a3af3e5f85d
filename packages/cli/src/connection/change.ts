import type { CallOptions } from '@virtkit/rest/client'

/**
 * Reads something to replace it: what is not named stays as it is. The change is refused where somebody else was quicker.
 *
 * @example
 * ```ts
 * const [profile, unchanged] = await readToChange((options) => client.profiles.get({ key }, options))
 * await client.profiles.update({ ...profile, cpu: 4 }, unchanged)
 * ```
 */
export async function readToChange<Read>(
  read: (options: CallOptions) => Promise<Read>,
): Promise<readonly [Read, Pick<CallOptions, 'ifMatch'>]> {
  let etag: string | null = null
  const value = await read({ onResponse: ({ headers }) => (etag = headers.get('etag')) })
  return [value, etag === null ? {} : { ifMatch: etag }]
}

/** A list with some taken out and some put in, each once. */
export function changeList(
  before: readonly number[],
  { add = [], remove = [] }: { readonly add?: readonly number[]; readonly remove?: readonly number[] },
): number[] {
  return [...new Set([...before, ...add])].filter((each) => !remove.includes(each))
}
