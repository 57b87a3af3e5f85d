import { FetchFailed, shownUrl } from '../fetch-failed.ts'
import { createFileTree } from '../file-tree.ts'
import { GuestStopped } from '../guest-context.ts'
import type { GuestContext } from '../guest-context.ts'
import { writeSystem } from '../guest-disk.ts'
import type { KernelArguments } from '../kernel-arguments.ts'
import { below } from '../file-tree.ts'
import { networkFiles } from '../network-cards.ts'
import type { CardConfiguration } from '../network-cards.ts'
import type { ShellHost } from '../shell/shell-host.ts'

/** Installs a system as its kernel command line says; resolves when the machine reboots. Throws `GuestStopped`. */
export type Installer = (context: GuestContext, kernel: KernelArguments) => Promise<void>

/** Fetches an answer file; a server that does not answer is asked again for a while, a refusal is final. */
export async function fetchAnswers(url: string, context: GuestContext): Promise<string> {
  const { client, hardware, pace, signal } = context
  for (let left = pace.tries; ; left -= 1) {
    try {
      return Buffer.from(await client.fetch(url, signal)).toString('utf8')
    } catch (error) {
      if (!(error instanceof FetchFailed)) throw error
      const final = error.status !== undefined && error.status < 500
      hardware.console(`${shownUrl(url)}: ${error.message}`)
      if (final || left <= 1) throw new GuestStopped(`The answer file could not be retrieved: ${error.message}`)
      await context.pause(pace.retryMs)
    }
  }
}

/** The system that the installer itself runs in, with the one that it installs below `folder`. */
export function installerHost(
  context: GuestContext,
  folder: string,
  tools: { readonly installer: readonly string[]; readonly target: readonly string[] },
): ShellHost & { readonly background: (() => Promise<number>)[]; readonly target: { readonly host: ShellHost } } {
  const files = createFileTree()
  const { client, clock, signal, hardware } = context
  const base = { client, clock, signal, print: (line: string): void => hardware.console(line) }
  const target: ShellHost = { ...base, files: below(files, folder), tools: new Set(tools.target) }
  return { ...base, files, tools: new Set(tools.installer), background: [], target: { folder, host: target } }
}

/** What an answer file has said of the system to be. */
export interface SystemAnswers {
  readonly hostname: string
  readonly rootPasswordHash: string
  readonly release: { readonly id: string; readonly name: string; readonly version?: string }
  readonly network: 'ifupdown' | 'networkmanager' | 'netplan'
  readonly cards: readonly CardConfiguration[]
  /** Of `wget` and `curl`. */
  readonly tools: readonly string[]
}

/** What every installation leaves on the disk. */
export function baseFiles(answers: SystemAnswers, context: GuestContext): Record<string, string> {
  const { id, name, version } = answers.release
  const release = [`ID=${id}`, `NAME="${name}"`, ...(version === undefined ? [] : [versionLine(version)])]
  return {
    '/etc/os-release': `${release.join('\n')}\n`,
    '/etc/hostname': `${answers.hostname}\n`,
    '/etc/shadow': `root:${answers.rootPasswordHash}:20000:0:99999:7:::\n`,
    ...networkFiles(answers.network, answers.cards, context.hardware.nics),
    ...Object.fromEntries(answers.tools.map((tool) => [`/usr/bin/${tool}`, 'ELF\n'])),
  }
}

const versionLine = (version: string): string =>
  /^[\d.]+$/.test(version) ? `VERSION_ID="${version}"` : `VERSION_CODENAME=${version}`

/** Writes everything below the target's folder to the disk. */
export function writeTarget(target: ShellHost, context: GuestContext): void {
  const { files } = target
  writeSystem(context.hardware, Object.fromEntries(files.paths().map((path) => [path, files.read(path) ?? ''])))
}

/** A password hash as crypt(3) makes it. */
export function isCrypted(text: string | undefined): text is string {
  return text !== undefined && /^\$[0-9a-z]{1,3}\$[^\s:]{8,}$/.test(text)
}

/** A host name by RFC 1123, with or without domain. */
export function isHostname(text: string | undefined): text is string {
  return text !== undefined && /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i.test(text)
}
