import type { ErrorCode, Install, Virtkit } from '@virtkit/core'
import type { FaultRule } from '@virtkit/driver-simulated'
import type { Point } from '../victim/side-effects.ts'

/** What is there before anybody asks for anything. */
export type WorldName = 'empty' | 'planned' | 'deployed' | 'grown' | 'shrunk' | 'snapshots' | 'foreign'

/** A world that another process has left in the middle of a scenario. */
export interface LeftBehind {
  readonly scenario: string
  readonly at: Point
}

/** Something that is asked of a kit; it is run once for each side effect that it has, and killed before and after it. */
export interface Scenario {
  readonly name: string
  readonly world: WorldName | LeftBehind
  /** Asks, and waits for the end. Promises: it may be asked again with the same effect; what it throws is the answer. */
  ask(kit: Virtkit): Promise<void>
  /** What it ends with when nobody is killed; left out: it succeeds. */
  readonly refusal?: ErrorCode
  /** What repeating it answers, where that is another thing. */
  readonly again?: ErrorCode
  /** What the hypervisor gets wrong. */
  readonly faults?: readonly FaultRule[]
  /** Default: the guest installs. `hangs`: it boots, and is silent then. */
  readonly guest?: 'installs' | 'fails' | 'hangs'
  /** Every process has a boot server of its own, and guests lose it once they have booted. Default: they share one address. */
  readonly ownOrigin?: true
  /** Asked again, it is done once more and leaves nothing but its traces: it undoes itself wholly, or finds all as it should be. */
  readonly leavesOnlyEvents?: true
  /** Without being asked again it would go on for long. */
  readonly askedAgainAtOnce?: true
}

/** The machine that all worlds but the empty one have. */
export async function machineOf(kit: Virtkit): Promise<number> {
  const machine = (await kit.machines.list())[0]
  if (!machine) throw new Error('there is no machine')
  return machine.key
}

export async function endOf(kit: Virtkit, operation: { readonly id: string }): Promise<void> {
  const ended = await kit.operations.wait(operation.id)
  if (ended.error) throw ended.error
}

/** Waits for whatever was left under way. */
export async function endOfAll(kit: Virtkit): Promise<void> {
  for (const operation of await kit.operations.list({ ended: false })) await kit.operations.wait(operation.id)
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 2))
}

/** A hash as an installation takes it; of no password. */
const passwordHash = `$6$crash$${'a'.repeat(85)}.`

export async function startInstall(kit: Virtkit): Promise<Install> {
  return kit.installs.start(await machineOf(kit), { passwordHash }, { key: 'install' })
}

export async function install(kit: Virtkit): Promise<void> {
  const run = await startInstall(kit)
  await kit.installs.whenReady(run.runId)
}
