import { toVirtkitError } from '@virtkit/spi'
import { CommandError } from './command-error.ts'

/** One JSON value and a line break (https://jsonlines.org). Errors become what their `toJSON` says: never a cause. */
export function renderJsonLine(value: object): string {
  return `${JSON.stringify(value, (_, each: unknown) => (each instanceof Error ? toJson(each) : each))}\n`
}

function toJson(error: Error): object {
  return error instanceof CommandError ? error.toJSON() : toVirtkitError(error).toJSON()
}
