import { type InputProblem, invalidInput } from '@virtkit/spi'

/** As the command line has them; what is left out may be in the environment. */
export interface WorkerFlags {
  readonly database?: string
  readonly keyFile?: string
  readonly bootOrigin?: string
  readonly bootPrograms?: string
  readonly commands?: string
  readonly results?: string
  readonly events?: string
  readonly user?: string
  readonly concurrency?: number
}

export interface WorkerOptions {
  readonly database: string
  readonly keyFile: string | undefined
  readonly bootOrigin: string
  readonly bootPrograms: string | undefined
  readonly concurrency: number
  /** Undefined: no commands are taken. */
  readonly queue: QueueOptions | undefined
}

export interface QueueOptions {
  /** From the environment only: it mostly has a password in it. */
  readonly url: string
  readonly commands: string
  readonly results: string | undefined
  readonly events: string | undefined
  readonly user: string | undefined
}

type Env = Readonly<Record<string, string | undefined>>

/** The flag, else the environment, else the default. Throws `INVALID_INPUT` with every problem, naming flag or variable. */
export function parseWorkerOptions(flags: WorkerFlags, env: Env): WorkerOptions {
  const problems: InputProblem[] = []
  const needed = (flag: string, given: string | undefined, hint: string): string => {
    if (given === undefined || given === '') problems.push({ field: flag, problem: 'is missing', hint })
    return given ?? ''
  }
  const database = needed('--database', flags.database ?? env['VIRTKIT_DATABASE'], 'name that of the other processes')
  const originHint = "name the boot server of another process, like 'http://10.20.0.2:8080'"
  const bootOrigin = needed('--boot-origin', flags.bootOrigin ?? env['VIRTKIT_BOOT_ORIGIN'], originHint)
  const url = env['VIRTKIT_QUEUE'] || undefined
  if (url !== undefined && !/^(postgres(ql)?|rediss?|amqps?):\/\//.test(url)) {
    problems.push({ field: 'VIRTKIT_QUEUE', problem: 'is no engine', hint: 'postgres://…, redis://… or amqp://…' })
  }
  const named = { commands: flags.commands, results: flags.results, events: flags.events, user: flags.user }
  const unheard = Object.entries(named).find(([, given]) => given !== undefined)
  if (url === undefined && unheard) {
    problems.push({ field: `--${unheard[0]}`, problem: 'needs an engine', hint: 'say where it is in VIRTKIT_QUEUE' })
  }
  if (problems.length > 0) throw invalidInput(problems)
  const queue =
    url === undefined
      ? undefined
      : {
          url,
          commands: flags.commands ?? (env['VIRTKIT_QUEUE_COMMANDS'] || 'virtkit.commands'),
          results: flags.results ?? (env['VIRTKIT_QUEUE_RESULTS'] || undefined),
          events: flags.events ?? (env['VIRTKIT_QUEUE_EVENTS'] || undefined),
          user: flags.user ?? (env['VIRTKIT_QUEUE_USER'] || undefined),
        }
  return {
    database,
    bootOrigin,
    keyFile: flags.keyFile ?? (env['VIRTKIT_KEY_FILE'] || undefined),
    bootPrograms: flags.bootPrograms,
    concurrency: flags.concurrency ?? 32,
    queue,
  }
}
