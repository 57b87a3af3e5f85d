import { type InputProblem, invalidInput } from '@virtkit/spi'
import { listOf } from '../../list-of.ts'

/** As the command line has them; what is left out may be in the environment. */
export interface ServeFlags {
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly keyFile?: string
  readonly bootHost?: string
  readonly bootPort?: number
  readonly bootPrograms?: string
  readonly tftpPort?: number
  readonly allowReceivers?: string
  readonly simulated?: boolean
  readonly standIns?: boolean
  readonly work?: boolean
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly trustProxy?: string
  readonly logFolder?: string
}

export interface ServeOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly database: string
  /** Seals passwords; undefined: where the database says. */
  readonly keyFile: string | undefined
  /** Without a host there are no installs, unless they are simulated. */
  readonly bootHost: string | undefined
  readonly bootPort: number | undefined
  /** Holds iPXE's programs, for media and for machines that boot from the network. */
  readonly bootPrograms: string | undefined
  /** Undefined: nothing is served by TFTP. */
  readonly tftpPort: number | undefined
  /** Networks that callbacks and webhooks may go to although they are not public; simulated, this machine is among them. */
  readonly allowReceivers: readonly string[]
  readonly simulated: boolean
  /** Simulated guests take these for kernels and initrds; no mirror is asked. */
  readonly standIns: boolean
  /** False: others work on what is accepted here. */
  readonly works: boolean
  /** Names of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** Addresses and networks of proxies whose word is taken on who asks. */
  readonly trustProxy: readonly string[]
  /** Undefined: beside the SQLite file; with PostgreSQL nothing is logged. */
  readonly logFolder: string | undefined
  /** From the environment only: command lines are seen by everybody on the machine. */
  readonly adminPassword: string | undefined
  readonly metricsToken: string | undefined
}

type Env = Readonly<Record<string, string | undefined>>

/** The flag, else the environment, else the default. Throws `INVALID_INPUT` with every problem, naming flag or variable. */
export function parseServeOptions(flags: ServeFlags, env: Env): ServeOptions {
  const problems: InputProblem[] = []
  const text = (name: string): string | undefined => env[name] || undefined
  const port = (name: string): number | undefined => {
    const given = text(name)
    if (given === undefined || (/^\d{1,5}$/.test(given) && Number(given) <= 65535))
      return given === undefined ? undefined : Number(given)
    problems.push({ field: name, problem: `is no port: ${given}`, hint: 'ports go from 0 to 65535' })
    return undefined
  }
  const cert = flags.tlsCert ?? text('VIRTKIT_TLS_CERT')
  const key = flags.tlsKey ?? text('VIRTKIT_TLS_KEY')
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? '--tls-cert' : '--tls-key'
    problems.push({ field: missing, problem: 'is missing: HTTPS needs a certificate and its key' })
  }
  const simulated = flags.simulated ?? isOn('VIRTKIT_SIMULATED', text('VIRTKIT_SIMULATED'), problems)
  const options: ServeOptions = {
    host: flags.host ?? text('VIRTKIT_HOST') ?? '127.0.0.1',
    port: flags.port ?? port('VIRTKIT_PORT') ?? 0,
    database: flags.database ?? text('VIRTKIT_DATABASE') ?? 'sqlite:virtkit.db',
    keyFile: flags.keyFile ?? text('VIRTKIT_KEY_FILE'),
    bootHost: flags.bootHost ?? text('VIRTKIT_BOOT_HOST'),
    bootPort: flags.bootPort ?? port('VIRTKIT_BOOT_PORT'),
    bootPrograms: flags.bootPrograms ?? text('VIRTKIT_BOOT_PROGRAMS'),
    tftpPort: flags.tftpPort ?? port('VIRTKIT_TFTP_PORT'),
    allowReceivers: [
      ...listOf(flags.allowReceivers ?? text('VIRTKIT_ALLOW_RECEIVERS')),
      ...(simulated ? ['127.0.0.0/8', '::1'] : []),
    ],
    simulated,
    standIns: flags.standIns ?? isOn('VIRTKIT_STAND_INS', text('VIRTKIT_STAND_INS'), problems),
    works: flags.work ?? true,
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    trustProxy: listOf(flags.trustProxy ?? text('VIRTKIT_TRUST_PROXY')),
    logFolder: flags.logFolder ?? text('VIRTKIT_LOG_FOLDER'),
    adminPassword: text('VIRTKIT_ADMIN_PASSWORD'),
    metricsToken: text('VIRTKIT_METRICS_TOKEN'),
  }
  if (options.tftpPort !== undefined && options.bootHost === undefined && !options.simulated) {
    problems.push({ field: '--boot-host', problem: 'is missing: TFTP leads to the boot server', hint: 'name the address' })
  }
  if (problems.length > 0) throw invalidInput(problems)
  return options
}

function isOn(field: string, given: string | undefined, problems: InputProblem[]): boolean {
  if (given === undefined || ['0', 'false'].includes(given)) return false
  if (!['1', 'true'].includes(given)) {
    problems.push({ field, problem: `is neither true nor false: ${given}` })
  }
  return true
}
