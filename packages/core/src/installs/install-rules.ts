import { createHash } from 'node:crypto'
import { stripVTControlCharacters } from 'node:util'
import { type InstallPlan, type InstallReport, Secret, invalidInput, parseCidr } from '@virtkit/spi'
import { z } from 'zod'
import type { MachineNetwork } from '../machines/machine-networks.ts'
import type { Machine } from '../machines/machines.ts'
import type { Network } from '../networks/networks.ts'
import { parseWith } from '../options/problems.ts'
import type { InstallTables } from './install-tables.ts'
import type { InstallInput, InstallPhaseTime } from './installs.ts'
import { isSha512Crypt } from './sha512-crypt.ts'

export type RunPhase = InstallTables['installs']['phase']

/** Phases in order; a run never goes back, whatever reports come late or twice. */
const order: readonly RunPhase[] = ['planned', 'published', 'booted', 'installing', 'finishing', 'ready']

const line = (max: number): z.ZodString =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'must be one line')

const install = z.strictObject({
  locale: z
    .string()
    .regex(
      /^[A-Za-z]{2,3}(?:_[A-Z]{2})?(?:\.[A-Za-z0-9-]{1,20})?(?:@[a-z]{1,20})?$|^C(?:\.UTF-8)?$/,
      'must be a locale like en_US.UTF-8',
    )
    .optional(),
  keyboard: z
    .string()
    .regex(/^[a-z]{2,10}(?:-[a-z0-9]{1,20})?$/, 'must be a keyboard layout like us or de')
    .optional(),
  timezone: z
    .string()
    .regex(/^[A-Za-z0-9+_-]{1,40}(?:\/[A-Za-z0-9+_-]{1,40}){0,2}$/, 'must be a time zone like Europe/Berlin')
    .optional(),
  passwordHash: z
    .string()
    .refine(isSha512Crypt, 'must be a SHA-512 crypt hash ($6$…), as mkpasswd -m sha-512 makes it')
    .optional(),
  sshKeys: z
    .array(
      line(8192)
        .min(1)
        .refine(
          (text) => !text.includes('PRIVATE KEY'),
          'is a private key; give the public one, of the file ending in .pub',
        ),
    )
    .max(64)
    .optional(),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9.+_-]{0,99}$/i, 'must be a package name'))
    .max(500)
    .optional(),
  provisioning: z.enum(['thin', 'thick']).optional(),
  boot: z.enum(['medium', 'network']).optional(),
})

export interface Parameters {
  readonly locale: string
  readonly keyboard: string
  readonly timezone: string
  readonly passwordHash: string | undefined
  readonly sshKeys: readonly string[]
  readonly packages: readonly string[]
  readonly provisioning: 'thin' | 'thick' | undefined
  readonly boot: 'medium' | 'network'
}

/** Checks how a machine is to be installed and fills in defaults. Throws `INVALID_INPUT` with every problem. */
export function parseInstallInput(input: unknown): Parameters {
  const parsed = parseWith(install, input) as InstallInput
  return {
    locale: parsed.locale ?? 'en_US.UTF-8',
    keyboard: parsed.keyboard ?? 'us',
    timezone: parsed.timezone ?? 'Etc/UTC',
    passwordHash: parsed.passwordHash,
    sshKeys: parsed.sshKeys ?? [],
    packages: parsed.packages ?? [],
    provisioning: parsed.provisioning,
    boot: parsed.boot ?? 'medium',
  }
}

/** The plan of a run. Throws `INVALID_INPUT` for a machine that cannot be reached while it installs. */
export function planOf(
  runId: string,
  machine: Machine,
  networks: ReadonlyMap<number, Network>,
  parameters: Parameters & { passwordHash: string },
): InstallPlan {
  if (machine.networks.length === 0) {
    throw invalidInput([
      { field: 'networks', problem: `${machine.name} has no network card`, hint: 'add one: it installs over the network' },
    ])
  }
  const domain = machine.networks[0]?.domains[0]
  return {
    runId,
    machine: { name: machine.name, firmware: machine.firmware, diskMiB: machine.diskMiB },
    os: machine.os,
    hostname: machine.name.toLowerCase(),
    ...(domain === undefined ? {} : { domain }),
    networks: machine.networks.map((card) => plannedNetwork(card, networks.get(card.network)!)),
    locale: parameters.locale,
    keyboard: parameters.keyboard,
    timezone: parameters.timezone,
    rootPasswordHash: new Secret(parameters.passwordHash),
    sshKeys: parameters.sshKeys,
    packages: parameters.packages,
    ...(parameters.boot === 'network' && { boot: parameters.boot }),
  }
}

function plannedNetwork(card: MachineNetwork, network: Network): InstallPlan['networks'][number] {
  const { gateway, cidr } = network
  const fixed =
    card.ip === undefined || cidr === undefined
      ? {}
      : {
          static: {
            address: card.ip,
            prefix: parseCidr(cidr, 'cidr').prefix,
            ...(gateway === undefined ? {} : { gateway }),
          },
        }
  return { mac: card.mac, ...fixed, dns: network.dns, searchDomains: card.domains, isolated: network.isolated }
}

/** The phases of a run with their durations. The last has none: it goes on, or it is an end. */
export function phasesOf(
  entered: readonly { readonly phase: RunPhase; readonly startedAt: number }[],
  endedAt: number | null,
): InstallPhaseTime[] {
  const rank = (phase: RunPhase): number => (phase === 'failed' ? order.length : order.indexOf(phase))
  const inOrder = entered.toSorted((a, b) => rank(a.phase) - rank(b.phase))
  return inOrder.map(({ phase, startedAt }, index) => {
    const isEnd = phase === 'ready' || phase === 'failed'
    const until = inOrder[index + 1]?.startedAt ?? (isEnd ? undefined : (endedAt ?? undefined))
    // Clocks of two processes may differ a little.
    return { phase, startedAt, ...(until !== undefined && { durationMs: Math.max(0, until - startedAt) }) }
  })
}

/** What of a console may be kept: its last lines as text, without the run's secrets. */
export function consoleTailOf(lines: readonly string[], secrets: readonly string[]): string[] {
  return lines.slice(-100).map((said) => {
    const told = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), stripVTControlCharacters(said))
    return told.replaceAll(/\p{Cc}/gu, '').slice(0, 500)
  })
}

/** What of a report is news; `undefined` for one that is late, repeated or for a run that has ended. */
export function applyReport(
  run: { readonly phase: RunPhase; readonly percent: number; readonly endedAt: number | null },
  report: InstallReport,
): { phase: RunPhase; percent: number; detail: string | null } | undefined {
  if (run.endedAt !== null || run.phase === 'failed' || run.phase === 'ready') return undefined
  const detail = report.detail?.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, 500) ?? null
  if (report.phase === 'failed') return { phase: 'failed', percent: run.percent, detail }
  const phase = order.indexOf(report.phase) > order.indexOf(run.phase) ? report.phase : run.phase
  const percent = Math.max(run.percent, Math.min(100, Math.floor(report.percent ?? floorOf[phase])))
  return phase === run.phase && percent === run.percent ? undefined : { phase, percent, detail }
}

/** How far an installation has come at least when it enters a phase. */
const floorOf: Readonly<Record<RunPhase, number>> = {
  planned: 0,
  published: 2,
  booted: 5,
  installing: 10,
  finishing: 90,
  ready: 100,
  failed: 0,
}

/** What to hand to a machine that boots the medium: the installer once, its disk ever after. */
export function serveOf(run: { readonly phase: RunPhase; readonly endedAt: number | null }): 'install' | 'boot-disk' {
  const installs = run.endedAt === null && order.indexOf(run.phase) < order.indexOf('finishing') && run.phase !== 'failed'
  return installs ? 'install' : 'boot-disk'
}

export function hasReached(run: { readonly phase: RunPhase }, phase: RunPhase): boolean {
  return order.indexOf(run.phase) >= order.indexOf(phase)
}

export function tokenHashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** The name of a run's medium on the hypervisor. */
export function mediumNameOf(runId: string): string {
  return `virtkit-${runId}.iso`
}
