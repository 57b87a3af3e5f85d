import { type Command, InvalidArgumentError } from 'commander'
import type { OutputOptions } from '../../output/output.ts'
import type { Run } from '../../program.ts'
import type { WorkerFlags } from './worker-options.ts'

/** `virtkit worker`, on a command that has what all have. */
export function workerCommand(command: Command, run: Run): void {
  command
    .description('Works on what others have accepted, and takes commands from a queue, until it is interrupted.')
    .option('--database <where>', 'postgres://…, or a SQLite file on this machine; that of the others')
    .option(
      '--key-file <file>',
      'unseals passwords; the same as of the others (default: beside the SQLite file, or virtkit.key here)',
    )
    .option('--boot-origin <url>', 'where machines reach the boot server of another process (virtkit serve --boot-host)')
    .option('--boot-programs <folder>', "iPXE's programs, of media (default: media that cannot start it)")
    .option('--commands <queue>', 'takes commands from this queue (default: virtkit.commands)')
    .option('--results <queue>', 'tells there what came of each command (default: it does not)')
    .option('--events <queue>', 'tells there what happens, as CloudEvents (default: it does not)')
    .option('--user <name>', 'whoever may write to the queue acts as this user (default: each command brings a token)')
    .option('--concurrency <number>', 'how many operations are worked on at a time (default: 32)', parseCount)
    .addHelpText('after', workerText)
    .action(async (options: WorkerFlags & OutputOptions) => {
      await run(async (context) => (await import('./worker.ts')).worker(options, context), options)
    })
}

const workerText = `
VIRTKIT_QUEUE says where the engine is: postgres://… (pg-boss), redis://… (BullMQ), amqp://… (RabbitMQ); its package is looked for where
this is called. Without it, operations are worked on and no commands are taken. One line on stdout says when it is at work. SIGTERM or
SIGINT: it takes nothing more, hands over what is under way, and exits 0 within half a minute; a second one ends it at once.

Each option can be in the environment instead: VIRTKIT_DATABASE, VIRTKIT_KEY_FILE, VIRTKIT_BOOT_ORIGIN, VIRTKIT_QUEUE_COMMANDS,
VIRTKIT_QUEUE_RESULTS, VIRTKIT_QUEUE_EVENTS, VIRTKIT_QUEUE_USER.`

function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a number from 1 to 9999.')
}
