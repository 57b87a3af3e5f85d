import type { Command, Option } from 'commander'

/** What completion has to know of a command. */
export interface CommandNode {
  /** From the program down, without its name: `driver check`; empty for the program itself. */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly OptionNode[]
  /** What its first argument can be, where that is known. */
  readonly choices: readonly string[]
  readonly takesFile: boolean
}

export interface OptionNode {
  /** `--host`, and `-h` where there is a short one. */
  readonly names: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  /** Left out where anything goes. */
  readonly choices?: readonly string[]
  readonly takesFile: boolean
}

/** Every command that help shows, the program first; one with another name once more under that. */
export function commandTree(program: Command): readonly CommandNode[] {
  return [...nodesOf(program, [])]
}

function* nodesOf(command: Command, path: readonly string[]): Generator<CommandNode> {
  const help = command.createHelp()
  const children = help.visibleCommands(command)
  const [first] = command.registeredArguments
  yield {
    path: path.join(' '),
    commands: children.map((child) => ({ name: child.name(), description: help.subcommandDescription(child) })),
    options: help.visibleOptions(command).map(optionNode),
    choices: first?.argChoices ?? [],
    takesFile: first !== undefined && isFile(first.name()),
  }
  // Its own help command has nothing below it.
  for (const child of children.filter((each) => command.commands.includes(each)))
    for (const name of [child.name(), ...child.aliases()]) yield* nodesOf(child, [...path, name])
}

function optionNode({ short, long, description, required, optional, flags, argChoices }: Option): OptionNode {
  const [, value = ''] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? []
  return {
    names: [long, short].filter((name) => name !== undefined && name !== null),
    description,
    takesValue: required || optional,
    ...(argChoices && { choices: argChoices }),
    takesFile: isFile(value),
  }
}

/** Whatever help calls so is a name of a file or folder. */
function isFile(value: string): boolean {
  return /^(?:files?|folder|module|where)\b/.test(value)
}
