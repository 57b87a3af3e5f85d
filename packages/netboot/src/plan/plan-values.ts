import { type InputProblem, type InstallPlan, type Secret, invalidInput } from '@virtkit/spi'
import type { CatalogRelease, InstallerFamily } from '../catalog/netboot-release.ts'
import * as grammars from './grammars.ts'
import type { Grammar } from './grammars.ts'
import { type NetworkValues, readNetworks } from './network-values.ts'

/** A plan of which every value is known to be harmless to the installer that it goes to. */
export interface PlanValues {
  readonly runId: string
  readonly firmware: InstallPlan['machine']['firmware']
  readonly hostname: string
  readonly domain: string | undefined
  /** The first is the one that the machine boots and installs from. */
  readonly networks: readonly [NetworkValues, ...NetworkValues[]]
  readonly locale: string
  readonly keyboard: string
  readonly timezone: string
  readonly rootPasswordHash: Secret
  readonly sshKeys: readonly string[]
  readonly packages: readonly string[]
  readonly diskLayout: 'plain' | 'lvm'
  /** Without a slash at its end. */
  readonly mirror: string
  readonly trace: string | undefined
}

/**
 * Checks a plan against the installer of its release. Throws `INVALID_INPUT` with every problem, each naming the plan's field:
 * a value that the installer cannot hold, control characters and line breaks anywhere.
 */
export function parsePlan(plan: InstallPlan, release: CatalogRelease): PlanValues {
  const problems: InputProblem[] = []
  const check = (field: string, value: unknown, grammar: Grammar): void => {
    const problem = problemOf(field, value, grammar)
    if (problem) problems.push(problem)
  }
  check('runId', plan.runId, grammars.runId)
  check('hostname', plan.hostname, grammars.hostname)
  if (plan.domain !== undefined) check('domain', plan.domain, grammars.domain)
  check('locale', plan.locale, grammars.locale)
  check('keyboard', plan.keyboard, grammars.keyboard)
  check('timezone', plan.timezone, grammars.timezone)
  // The value itself stays out of the message.
  if (!fits(plan.rootPasswordHash.reveal(), grammars.passwordHash)) {
    const { rule, hint } = grammars.passwordHash
    problems.push({ field: 'rootPasswordHash', problem: `must be ${rule}`, hint })
  }
  plan.sshKeys.forEach((key, index) => check(`sshKeys[${index}]`, key, grammars.sshKey))
  plan.packages.forEach((name, index) => check(`packages[${index}]`, name, packageGrammar(release.installer)))
  if (plan.trace !== undefined) check('trace', plan.trace, grammars.traceparent)
  // Windows brings its packages along.
  const mirror = plan.mirror ?? release.mirror ?? (release.installer === 'unattend' ? 'http://localhost' : undefined)
  if (mirror === undefined) {
    const hint = `${release.name} has no public mirror: name one of your own`
    problems.push({ field: 'mirror', problem: 'is needed', hint })
  } else check('mirror', mirror, grammars.mirror)
  const { diskLayout = 'plain' } = plan
  if (diskLayout !== 'plain' && diskLayout !== 'lvm') {
    problems.push({ field: 'diskLayout', problem: `${JSON.stringify(diskLayout)} must be 'plain' or 'lvm'` })
  }
  if (diskLayout === 'lvm' && (release.installer === 'bsdinstall' || release.installer === 'unattend')) {
    problems.push({
      field: 'diskLayout',
      problem: `${release.name} has no logical volumes`,
      hint: "leave it out or say 'plain'",
    })
  }
  const networks = readNetworks(plan.networks, release.installer, problems)

  const [first, ...others] = networks
  if (problems.length > 0 || !first || mirror === undefined) throw invalidInput(problems)
  return {
    runId: plan.runId,
    firmware: plan.machine.firmware,
    hostname: plan.hostname,
    domain: plan.domain,
    networks: [first, ...others],
    locale: plan.locale,
    keyboard: plan.keyboard,
    timezone: plan.timezone,
    rootPasswordHash: plan.rootPasswordHash,
    sshKeys: [...plan.sshKeys],
    packages: [...plan.packages],
    diskLayout,
    mirror: mirror.replace(/\/+$/, ''),
    trace: plan.trace,
  }
}

function packageGrammar(installer: InstallerFamily): Grammar {
  return installer === 'kickstart' || installer === 'autoyast' ? grammars.rpmPackage : grammars.debPackage
}

function problemOf(field: string, value: unknown, grammar: Grammar): InputProblem | undefined {
  if (fits(value, grammar)) return undefined
  return { field, problem: `${JSON.stringify(value)?.slice(0, 80)} must be ${grammar.rule}`, hint: grammar.hint }
}

function fits(value: unknown, grammar: Grammar): boolean {
  return typeof value === 'string' && value.length <= grammar.maxLength && grammar.pattern.test(value)
}
