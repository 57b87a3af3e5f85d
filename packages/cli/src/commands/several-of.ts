import { Option } from 'commander'

/** An option of which several may be given, each one of those; what is given takes the place of the default. */
export function severalOf(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, `${description}; may be given several times`).choices(choices)
  const check = option.parseArg!
  let given: string[] | undefined
  return option.argParser((text) => (given = [...(given ?? []), String(check(text, undefined))]))
}
