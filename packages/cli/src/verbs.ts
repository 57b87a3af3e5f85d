import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ConnectionFlags } from './connection/connection-options.ts'
import type { Effect, Session } from './connection/session.ts'
import { exitCodes } from './exit-codes.ts'
import type { OutputOptions } from './output/output.ts'
import type { Run } from './program.ts'

/** A noun of the command line, such as `clusters`; its verbs are made when it is called, so that `--help` need not wait for all. */
export interface Noun {
  readonly name: string
  /** The same in the singular. */
  readonly alias?: string
  readonly description: string
  /** Adds the verbs to the noun's command. */
  readonly load: () => Promise<(noun: Command, run: Run) => void>
}

/** The work of a verb, given the session, its arguments and its options; it may answer an exit code. */
// oxlint-disable-next-line typescript/no-explicit-any -- commander hands over what the verb has declared
export type Work = (session: Session, ...args: any[]) => Promise<number | void>

/** Of a verb that may do more or less, by its options and arguments; at most `operates`. */
// oxlint-disable-next-line typescript/no-explicit-any -- as with Work
export type EffectOf = (options: any, ...args: any[]) => Effect

/**
 * Gives a verb the options that all have and its work, which is imported when it is called.
 *
 * @example
 * ```ts
 * works(clusters.command('list').description('…'), run, 'reads', async () => (await import('./list-clusters.ts')).listClusters)
 * ```
 */
export function works(verb: Command, run: Run, effect: Effect | EffectOf, load: () => Promise<Work>): Command {
  const most = typeof effect === 'string' ? effect : 'operates'
  connected(told(verb), most)
  if (most === 'operates') verb.option('--no-wait', 'sets it going and does not wait for its end')
  return verb.action(async () => {
    const options = verb.opts<ConnectionFlags & OutputOptions & { wait?: boolean }>()
    await run(async (context) => {
      const [work, { withClient }] = await Promise.all([load(), import('./connection/with-client.ts')])
      const exitCode = await withClient(
        { ...options, effect: typeof effect === 'string' ? effect : effect(options, ...verb.processedArgs) },
        context,
        (session) => work(session, ...(verb.processedArgs as unknown[]), options),
      )
      return exitCode ?? exitCodes.ok
    }, options)
  })
}

/** What every command understands. */
export function told(command: Command): Command {
  return command
    .option('--json', 'one JSON value per line, for programs')
    .option('--quiet', 'keys only; no progress and no explanations')
    .option('--verbose', 'errors with stack and causes')
}

/** Where the installation is. */
function connected(command: Command, effect: Effect): Command {
  const options = [
    new Option('--url <url>', 'an API, such as https://host/rest/v1 (default: where you logged in)'),
    new Option('--database <where>', 'a SQLite file, sqlite:FILE or postgres://…: works in this process'),
    new Option(
      '--key-file <file>',
      'with --database: seals passwords (default: beside the SQLite file, or virtkit.key here)',
    ),
  ]
  if (effect === 'operates') options.push(...bootOptions())
  for (const option of options) command.addOption(option.helpGroup('Where:'))
  return command
}

function bootOptions(): Option[] {
  return [
    new Option('--boot-host <address>', 'with --database: where machines that are installed reach this command'),
    new Option(
      '--boot-port <port>',
      'with --database: the port for that (default: as last time, or any that is free)',
    ).argParser(parsePort),
    new Option('--boot-programs <folder>', "with --database: iPXE's programs"),
    new Option('--stand-ins', 'with --database: images for simulated guests, in place of those of a mirror'),
  ]
}

/** `--yes`, of what cannot be taken back. */
export function destructive(command: Command): Command {
  return command.option('-y, --yes', 'does not ask first')
}

/** An option that may be given several times. */
export function many(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

export function parsePort(text: string): number {
  const port = parseWhole(text)
  if (port > 65535) throw new InvalidArgumentError('Ports go from 0 to 65535.')
  return port
}

export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}
