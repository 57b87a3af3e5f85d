import type { Command } from 'commander'
import { exitCodes } from '../../exit-codes.ts'
import type { Context } from '../../program.ts'
import { type CommandNode, commandTree } from './command-tree.ts'
import { renderBash } from './render-bash.ts'
import { renderFish } from './render-fish.ts'
import { renderZsh } from './render-zsh.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

const renderers: Readonly<Record<Shell, (tree: readonly CommandNode[]) => string>> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
}

/** Prints what a shell has to read to complete every command and option of the program. */
export async function completion(shell: Shell, program: Command, { output }: Context): Promise<number> {
  output.raw(renderers[shell](commandTree(program)))
  return exitCodes.ok
}
