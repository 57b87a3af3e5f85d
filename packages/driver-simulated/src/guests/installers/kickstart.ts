import { GuestStopped } from '../guest-context.ts'
import type { GuestContext } from '../guest-context.ts'
import { wipeDisk } from '../guest-disk.ts'
import type { KernelArguments } from '../kernel-arguments.ts'
import { runShell } from '../shell/shell.ts'
import type { ShellHost } from '../shell/shell-host.ts'
import { kernelNetwork } from './installer-network.ts'
import { baseFiles, fetchAnswers, installerHost, writeTarget } from './installer.ts'
import { kickstartAnswers } from './kickstart-answers.ts'
import { readKickstart } from './kickstart-file.ts'
import type { Kickstart, KickstartSection } from './kickstart-file.ts'

/**
 * Anaconda with a kickstart file from the network: `%pre`, then the commands with what `%pre` wrote for `%include`, the
 * installation, `%post`, reboot; `%onerror` when something fails.
 * https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html
 */
export async function installByKickstart(context: GuestContext, kernel: KernelArguments): Promise<void> {
  const { hardware, pace } = context
  kernelNetwork(context, kernel)
  hardware.console('anaconda: loading the kickstart file')
  const text = await fetchAnswers(kernel.get('inst.ks') ?? '', context)
  const first = readKickstart(text)
  const packages = first.sections.find(({ name }) => name === '%packages')?.body ?? ''
  // curl is part of @core, wget of nothing.
  const tools = ['wget', 'curl'].filter(
    (tool) => new RegExp(`^${tool}\\s*$`, 'm').test(packages) || (tool === 'curl' && /^@\^?core|^@/m.test(packages)),
  )
  const host = installerHost(context, '/mnt/sysimage', { installer: ['curl'], target: tools })

  try {
    await sections(first, '%pre', host, host)
    const file = await withIncludes(first, host, context)
    const source = kernel.get('inst.repo') ?? file.commands.find(({ name }) => name === 'url')?.words.join(' ') ?? ''
    const answers = kickstartAnswers(file, context, kernel.has('inst.repo'))
    wipeDisk(hardware)
    await phase('partitioning', pace.partitionMs, context)
    await sections(file, '%pre-install', host, host)
    await phase('installing the base system', pace.baseSystemMs, context)
    await phase('installing packages', pace.packagesMs, context)
    const system = { ...answers, release: releaseOf(source), network: 'networkmanager', tools } as const
    for (const [path, content] of Object.entries(baseFiles(system, context))) host.target.host.files.write(path, content)
    await phase('installing the boot loader', pace.bootLoaderMs, context)
    await sections(file, '%post', host, host.target.host)
  } catch (error) {
    if (error instanceof GuestStopped) await sections(first, '%onerror', host, host).catch(ignoreFailure)
    throw error
  }
  writeTarget(host.target.host, context)
}

async function phase(name: string, ms: number, context: GuestContext): Promise<void> {
  context.hardware.console(`anaconda: ${name}`)
  await context.pause(ms)
}

/** Runs the sections of one kind in order; a failure counts only with `--erroronfail`. */
async function sections(file: Kickstart, name: string, outside: ShellHost, inside: ShellHost): Promise<void> {
  for (const section of file.sections.filter((candidate) => candidate.name === name)) {
    const host = section.options.includes('--nochroot') ? outside : inside
    const status = await runShell(scriptOf(section), host)
    if (status === 0) continue
    host.print(`anaconda: a ${name} script failed with status ${status}`)
    if (section.options.includes('--erroronfail')) throw new GuestStopped(`anaconda: a ${name} script failed`)
  }
}

function scriptOf({ name, options, body }: KickstartSection): string {
  const interpreter =
    options.find((option) => option.startsWith('--interpreter='))?.slice('--interpreter='.length) ?? '/bin/sh'
  if (/\/(ba|da)?sh$/.test(interpreter)) return body
  throw new GuestStopped(`anaconda: the interpreter of a ${name} script is not known`)
}

async function withIncludes(file: Kickstart, host: ShellHost, context: GuestContext): Promise<Kickstart> {
  const included: Kickstart[] = []
  for (const path of file.includes) {
    const text = path.includes('://') ? await fetchAnswers(path, context) : host.files.read(path)
    if (text === undefined) throw new GuestStopped(`anaconda: unable to open the included file ${path}`)
    included.push(readKickstart(text))
  }
  return {
    includes: [],
    commands: [...file.commands, ...included.flatMap(({ commands }) => commands)],
    sections: [...file.sections, ...included.flatMap((other) => other.sections)],
  }
}

/** The installation source names the system; there is nothing else that tells. */
function releaseOf(source: string): { id: string; name: string; version?: string } {
  const known = ['fedora', 'rocky', 'almalinux', 'centos', 'rhel', 'oracle'] as const
  const id = known.find((name) => source.toLowerCase().includes(name)) ?? 'rhel'
  const version = /\/(?:releases\/|pub\/rocky\/)?(\d+(?:\.\d+)?)(?:-stream)?\//.exec(source)?.[1]
  return { id, name: id, ...(version === undefined ? {} : { version }) }
}

function ignoreFailure(error: unknown): void {
  if (!(error instanceof GuestStopped)) throw error
}
