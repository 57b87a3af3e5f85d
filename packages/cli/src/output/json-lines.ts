import { toVirtkitError } from '@virtkit/spi'

/** One JSON value and a line break (https://jsonlines.org). Errors become what `VirtkitError.toJSON` says: never a cause. */
export function renderJsonLine(value: object): string {
  return `${JSON.stringify(value, (_, each: unknown) => (each instanceof Error ? toVirtkitError(each).toJSON() : each))}\n`
}
