import { CommandError } from '../output/command-error.ts'
import type { Host } from '../host.ts'

/**
 * Asks before something that cannot be taken back, unless `--yes` has said so. Throws where the answer is not yes, and where nobody is
 * there to be asked.
 *
 * @example
 * ```ts
 * await confirm(host, { yes, question: 'Delete machine web-1 with its disk?' })
 * ```
 */
export async function confirm(
  { stdin }: Pick<Host, 'stdin'>,
  { yes = false, question }: { readonly yes?: boolean; readonly question: string },
): Promise<void> {
  if (yes) return
  if (!stdin.isTTY) throw new CommandError(`Nobody is here to be asked: ${question}`, { hint: 'Say it with --yes.' })
  const answer = await stdin.ask(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was done.', { hint: 'Answer y, or give --yes.' })
}
