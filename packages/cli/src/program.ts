import { readFileSync } from 'node:fs'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import type { Shell } from './commands/completion/completion.ts'
import type { DoctorFlags } from './commands/doctor/doctor.ts'
import type { DriverCheckOptions } from './commands/driver-check.ts'
import type { QuickstartOptions } from './commands/quickstart/quickstart.ts'
import type { ServeFlags } from './commands/serve/serve-options.ts'
import type { SimulatorOptions } from './commands/simulator-hypervisor.ts'
import type { SimulatorProxmoxOptions } from './commands/simulator-proxmox.ts'
import { workerCommand } from './commands/worker/worker-command.ts'
import { exitCodesText } from './exit-codes.ts'
import type { Host } from './host.ts'
import { loginCommands } from './commands/login/login-commands.ts'
import { nouns } from './nouns.ts'
import type { Output, OutputOptions } from './output/output.ts'
import { parsePort, parseWhole, told } from './verbs.ts'

/** What a command is given when it runs. */
export interface Context {
  readonly host: Host
  readonly output: Output
}

/** The work of a command; it answers the exit code. */
export type CommandRun = (context: Context) => Promise<number>

export type Run = (work: CommandRun, options: OutputOptions) => Promise<void>

/**
 * The command line: names, arguments and help. What a command does is imported when it is called, and the verbs of a noun when `args`
 * name it, so that `--help` waits for neither; completion and reference are of everything.
 */
export async function createProgram(host: Host, run: Run, args: readonly string[] | 'everything'): Promise<Command> {
  const program = new Command('virtkit')
    .description('Provisions virtual machines: inventory, addresses, limits, installs.')
    .version(readVersion())
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      // The same wherever it is read; it is kept as it is (`help-text.ts`).
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .showHelpAfterError('(virtkit --help tells what there is)')
    .addHelpText('after', exitCodesText)
    .addHelpText(
      'after',
      '\nEnvironment: VIRTKIT_URL, VIRTKIT_TOKEN or VIRTKIT_DATABASE (where to work), NO_COLOR, VIRTKIT_DEBUG=1 (as --verbose)',
    )

  const isWanted = (name: string): boolean => args === 'everything' || args.slice(0, 2).includes(name)
  for (const { name, alias, description, load } of nouns) {
    const noun = program.command(name).description(description)
    if (alias !== undefined) noun.alias(alias)
    if (isWanted(name) || (alias !== undefined && isWanted(alias))) (await load())(noun, run)
  }
  loginCommands(program, run)

  told(program.command('quickstart'))
    .description(
      'Installs three machines on a simulated hypervisor and shows what there is then. Run it again: it goes on.',
    )
    .option('--database <where>', 'a SQLite file, sqlite:FILE or postgres://…', 'virtkit-quickstart.db')
    .option('--simulator <url>', 'a simulator that runs already (default: one of its own)', parseHttpUrl)
    .option('--username <name>', 'its user; the password is in VIRTKIT_SIMULATOR_PASSWORD')
    .option('--boot-port <port>', 'where the boot server listens (default: as last time, or any that is free)', parsePort)
    .addOption(paceOption())
    .action(async (options: QuickstartOptions & OutputOptions) => {
      await run(
        async (context) => (await import('./commands/quickstart/quickstart.ts')).quickstart(options, context),
        options,
      )
    })

  told(program.command('serve'))
    .description('Serves the API until it is interrupted.')
    .option('--host <address>', 'where to listen (default: 127.0.0.1)')
    .option('--port <port>', 'where to listen (default: any that is free)', parsePort)
    .option('--database <where>', 'a SQLite file, sqlite:FILE or postgres://… (default: sqlite:virtkit.db)')
    .option('--key-file <file>', 'seals passwords (default: beside the SQLite file, or virtkit.key here)')
    .option('--boot-host <address>', 'where machines that are installed reach the boot server (default: no installs)')
    .option('--boot-port <port>', 'where the boot server listens (default: any that is free)', parsePort)
    .option('--boot-programs <folder>', "iPXE's programs: of media, and of TFTP (default: media that cannot start it)")
    .option(
      '--tftp-port <port>',
      'serves by TFTP too, at the boot host; firmware asks at 69 (default: it does not)',
      parsePort,
    )
    .option(
      '--allow-receivers <networks>',
      'where callbacks and webhooks may go besides the public internet: 10.0.0.0/8,fd00::/8',
    )
    .option('--simulated', 'with a simulated hypervisor, ready to create machines on')
    .option('--stand-ins', 'images for simulated guests, in place of those of a mirror')
    .option('--no-work', 'accepts operations and leaves them to workers (virtkit worker)')
    .option('--tls-cert <file>', 'HTTPS with this certificate (PEM, with those that lead to its authority)')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option('--log-folder <folder>', 'keeps logs here (default: beside the SQLite file; with PostgreSQL nowhere)')
    .option('--trust-proxy <addresses>', 'proxies and networks whose X-Forwarded-For is believed (default: none)')
    .addHelpText('after', serveText)
    .action(async (options: ServeFlags & OutputOptions) => {
      await run(async (context) => (await import('./commands/serve/serve.ts')).serve(options, context), options)
    })

  told(program.command('doctor'))
    .description('Tells what this host lacks, and how to get it. With the options of serve, what serve would lack.')
    .option('--database <where>', 'a SQLite file, sqlite:FILE or postgres://… (default: sqlite:virtkit.db)')
    .option('--key-file <file>', 'seals passwords (default: beside the SQLite file, or virtkit.key here)')
    .option('--boot-host <address>', 'where machines that are installed reach the boot server')
    .option('--boot-programs <folder>', "iPXE's programs")
    .option('--tftp-port <port>', 'serves by TFTP', parsePort)
    .option('--libvirt <url>', 'a libvirt that is needed (default: qemu:///system, which need not be there)')
    .addHelpText('after', doctorText)
    .action(async (options: DoctorFlags & OutputOptions) => {
      await run(async (context) => (await import('./commands/doctor/doctor.ts')).doctor(options, context), options)
    })

  program
    .command('completion')
    .description('Prints what a shell has to read to complete commands and options.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', completionText)
    .action(async (shell: Shell) => {
      await run(async (context) => {
        const { completion } = await import('./commands/completion/completion.ts')
        return completion(shell, await createProgram(host, run, 'everything'), context)
      }, {})
    })
  workerCommand(told(program.command('worker')), run)

  const simulator = program.command('simulator').description('Things to try Virtkit with.')
  told(simulator.command('hypervisor'))
    .description('Runs a simulated hypervisor until it is interrupted.')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 takes any that is free', parsePort, 7070)
    .option('--state <file>', 'keeps its state here (default: it is gone with the process)')
    .option('--seed <number>', 'the same seed and calls make the same world', parseWhole, 1)
    .option('--username <name>', 'who may connect; the password is in VIRTKIT_SIMULATOR_PASSWORD (default: everybody)')
    .addOption(paceOption())
    .action(async (options: SimulatorOptions & OutputOptions) => {
      await run(
        async (context) => (await import('./commands/simulator-hypervisor.ts')).simulatorHypervisor(options, context),
        options,
      )
    })

  told(simulator.command('proxmox'))
    .description('Runs a simulated Proxmox VE API, for trying clients of it, until it is interrupted.')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 takes any that is free', parsePort, 8006)
    .addOption(new Option('--release <version>', 'as which version it answers').choices(['8.4', '9.2']).default('8.4'))
    .option('--pace <factor>', 'how long things take: 1 as the original, 0.01 a hundredth of it', parseFactor, 1)
    .option('--certificate <file>', 'writes the certificate here, for clients to trust')
    .option('--no-tls', 'plain HTTP')
    .action(async (options: SimulatorProxmoxOptions & OutputOptions) => {
      await run(
        async (context) => (await import('./commands/simulator-proxmox.ts')).simulatorProxmox(options, context),
        options,
      )
    })

  const driver = program.command('driver').description('For those who write drivers.')
  told(driver.command('check'))
    .description('Checks what a driver promises, case by case.')
    .argument('<module>', 'a file or package that exports a driver, or a `target` (see DriverTarget)')
    .option('--export <name>', 'which export to take, when there are several')
    .option('--options <file>', "JSON with the driver's options: url, username, password, …")
    .option('--report <file>', 'writes the report as JSON')
    .action(async (module: string, options: DriverCheckOptions & OutputOptions) => {
      await run(
        async (context) => (await import('./commands/driver-check.ts')).driverCheck(module, options, context),
        options,
      )
    })
  return program
}

const serveText = `
One line on stdout says where it listens, when it can be reached; everything else is on stderr. The API is below /rest/v1; /health,
/ready and /metrics are at the root as well. SIGTERM or SIGINT: what is under way may end, then it exits 0; a second one ends it
at once.

Each option can be in the environment instead: VIRTKIT_HOST, VIRTKIT_PORT, VIRTKIT_DATABASE, VIRTKIT_KEY_FILE, VIRTKIT_BOOT_HOST,
VIRTKIT_BOOT_PORT, VIRTKIT_ALLOW_RECEIVERS, VIRTKIT_SIMULATED, VIRTKIT_STAND_INS, VIRTKIT_TLS_CERT,
VIRTKIT_TLS_KEY, VIRTKIT_LOG_FOLDER, VIRTKIT_TRUST_PROXY.
Only there: VIRTKIT_ADMIN_PASSWORD for the first administrator (else a random one is told once), VIRTKIT_METRICS_TOKEN for Prometheus.`

const doctorText = `
Each line says ok, warning or missing, and below it what mends it. Missing: what was asked for will not work. Exit code 0 when
nothing is missing, 3 else. It changes nothing, takes up to ten seconds, and reads the environment that serve reads. With --json each
finding is a line ({ "event": "check", "check", "state", "text", "fix" }), and the last one is { "event": "checked", … }.`

const completionText = `
bash:  echo 'source <(virtkit completion bash)' >> ~/.bashrc
zsh:   echo 'source <(virtkit completion zsh)' >> ~/.zshrc      (after compinit)
fish:  virtkit completion fish > ~/.config/fish/completions/virtkit.fish`

function paceOption(): Option {
  return new Option('--pace <pace>', 'how fast simulated guests are: seconds, or as long as a real installation')
    .choices(['fast', 'real'])
    .default('fast')
}

function parseFactor(text: string): number {
  const factor = Number(text)
  if (text.trim() !== '' && factor >= 0 && factor <= 1000) return factor
  throw new InvalidArgumentError('Give a number from 0 to 1000.')
}

function parseHttpUrl(text: string): string {
  if (URL.parse(text)?.protocol !== 'http:') throw new InvalidArgumentError("Write it like 'http://127.0.0.1:7070'.")
  return text
}

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
