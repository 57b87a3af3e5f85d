import { CommanderError } from 'commander'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import type { Host } from './host.ts'
import { type OutputOptions, createOutput } from './output/output.ts'
import { type CommandRun, createProgram } from './program.ts'

/** Runs one command line and answers the exit code. Promises: does not throw, ends no process. */
export async function runVirtkit(args: readonly string[], host: Host): Promise<number> {
  let exitCode: number = exitCodes.ok
  const run = async (work: CommandRun, options: OutputOptions): Promise<void> => {
    const output = createOutput(host, options)
    try {
      exitCode = await work({ host, output })
    } catch (error) {
      if (error instanceof CommanderError) throw error
      exitCode = host.interrupted.aborted ? exitCodes.interrupted : exitCodeOf(error)
      if (exitCode !== exitCodes.interrupted) output.error(error)
      else if (!output.isJson) host.stderr.write('virtkit: interrupted; what was open is closed\n')
    }
  }
  try {
    await (await createProgram(host, run, args)).parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version were asked for; everything else is a wrong command line, and commander has said what is wrong.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
  return exitCode
}
