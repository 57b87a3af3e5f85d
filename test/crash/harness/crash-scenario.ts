import { type ErrorCode, type Virtkit } from '@virtkit/core'
import { toVirtkitError } from '@virtkit/spi'
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Scenario } from '../scenarios/scenario.ts'
import type { Effect, Point } from '../victim/side-effects.ts'
import { findLeftovers } from './find-leftovers.ts'
import { type View, lookAround } from './look-around.ts'
import { Stage, type StageParts } from './stage.ts'
import { type PointsInTurn, inTurn } from './points-in-turn.ts'
import type { WorldsAtRest } from './worlds-at-rest.ts'

export interface PointResult {
  readonly scenario: string
  readonly point: Point
  /** Empty: all was well. */
  readonly problems: readonly string[]
  /** The process went on to the end without coming to this point, however often: nothing is known of it. */
  readonly isMissed?: true
}

/** A point is after the moment from which on the kit owes an end. */
interface Target extends Point {
  readonly isAccepted: boolean
}

/** What comes of a scenario when nobody is killed. */
interface Plan {
  readonly before: View | undefined
  readonly outcome: View
  readonly targets: readonly Target[]
}

/** How long what was taken over may take to end. Nothing here takes more than a few seconds. */
const patienceMs = 30_000

/** How often a process is sent to a point that it does not come to. */
const tries = 3
/**
 * Whether an operation is claimed and laid down once more, with nothing new to tell, depends on which of two processes was quicker: that
 * may be missed. All else is owed.
 */
const byChance = /^commit write (claim|park)$/

/** Runs a scenario once undisturbed, and once for each of its points whose turn it is. */
export async function crashScenario(
  parts: StageParts & { readonly rests: WorldsAtRest; readonly atOnce: number; readonly turn: PointsInTurn },
  scenario: Scenario,
): Promise<readonly PointResult[]> {
  const plan = await planOf(parts, scenario)
  const left = [...inTurn(plan.targets, parts.turn)]
  const results: PointResult[] = []
  const work = async (): Promise<void> => {
    for (let target = left.shift(); target; target = left.shift()) {
      const { isAccepted: _, ...point } = target
      let problems: readonly string[] | undefined
      for (let time = 0; time < tries && problems === undefined; time += 1)
        problems = await crashAt(parts, scenario, plan, target)
      results.push({ scenario: scenario.name, point, ...(problems ? { problems } : missed(point)) })
    }
  }
  await Promise.all(Array.from({ length: parts.atOnce }, work))
  const order = plan.targets.map(nameOf)
  return results.toSorted((a, b) => order.indexOf(nameOf(a.point)) - order.indexOf(nameOf(b.point)))
}

export function nameOf({ effect, nth, when }: Point): string {
  return `${when} ${effect}${nth === 1 ? '' : ` (${nth})`}`
}

function missed({ effect }: Point): Pick<PointResult, 'problems' | 'isMissed'> {
  const problems = byChance.test(effect) ? [] : ['the process went on to the end without coming to this point']
  return { problems, isMissed: true }
}

type Parts = StageParts & { readonly rests: WorldsAtRest }

async function planOf(parts: Parts, scenario: Scenario): Promise<Plan> {
  const before = typeof scenario.world === 'string' ? await untouched(parts, scenario) : undefined
  await using stage = await Stage.open(parts, await parts.rests.of(scenario.world), scenario)
  const ending = await stage.victim(scenario)
  if (ending.killed || ending.code !== scenario.refusal)
    throw new Error(`${scenario.name} was to end with ${scenario.refusal ?? 'success'}: ${JSON.stringify(ending)}`)
  await using kit = await stage.kit()
  await settle(kit)
  const outcome = await lookAround(kit, stage)
  const problems = [...(await findLeftovers(kit, stage))]
  const code = await ask(kit, scenario)
  if (code !== (scenario.again ?? scenario.refusal)) problems.push(`asked again it answers ${code}`)
  problems.push(...differences(traceless(scenario, outcome), await lookAround(kit, stage), 'asked again'))
  if (problems.length > 0) throw new Error(`${scenario.name}, undisturbed: ${problems.join('; ')}`)
  const effects = await everSeen(parts, scenario, ending.effects)
  return { before, outcome, targets: targetsOf(effects, before === undefined) }
}

/** On a busy machine a kit may look once more than usual, by chance: a second run has to have the same side effect. */
async function everSeen(parts: Parts, scenario: Scenario, effects: readonly Effect[]): Promise<readonly Effect[]> {
  await using stage = await Stage.open(parts, await parts.rests.of(scenario.world), scenario)
  const ending = await stage.victim(scenario)
  if (ending.killed) throw new Error(`${scenario.name}: killed by somebody else`)
  return effects.filter((effect) => ending.effects.some((each) => isDeepStrictEqual(each, effect)))
}

async function untouched(parts: Parts, scenario: Scenario): Promise<View> {
  await using stage = await Stage.open(parts, await parts.rests.of(scenario.world), scenario)
  await using kit = await stage.kit()
  return await lookAround(kit, stage)
}

function targetsOf(effects: readonly Effect[], isAccepted: boolean): readonly Target[] {
  const accepting = effects.findIndex(({ name }) => /operation\.accepted|machine\.created|network\.created/.test(name))
  return effects.flatMap(({ name, nth }, index) =>
    (['before', 'after'] as const).map((when) => ({
      effect: name,
      nth,
      when,
      isAccepted: isAccepted || index > accepting || (index === accepting && when === 'after'),
    })),
  )
}

/** Undefined: the process did not come to the point. */
async function crashAt(
  parts: Parts,
  scenario: Scenario,
  plan: Plan,
  target: Target,
): Promise<readonly string[] | undefined> {
  const { isAccepted, ...point } = target
  await using stage = await Stage.open(parts, await parts.rests.of(scenario.world), scenario)
  const ending = await stage.victim(scenario, point)
  if (!ending.killed) return undefined
  await using kit = await stage.kit()
  const problems: string[] = []
  try {
    if (!scenario.askedAgainAtOnce) {
      await settle(kit)
      const wanted = isAccepted ? plan.outcome : plan.before!
      problems.push(...differences(wanted, await lookAround(kit, stage), 'taken over'))
      problems.push(...(await findLeftovers(kit, stage)))
    }
    const code = await ask(kit, scenario)
    const answer = isAccepted ? (scenario.again ?? scenario.refusal) : scenario.refusal
    if (code !== answer) problems.push(`asked again it answers ${code}, not ${answer}`)
    await settle(kit)
    problems.push(...differences(traceless(scenario, plan.outcome), await lookAround(kit, stage), 'asked again'))
    problems.push(...(await findLeftovers(kit, stage)))
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
  return [...new Set(problems)]
}

/** Waits until nothing is under way. */
async function settle(kit: Virtkit): Promise<void> {
  for (const { id } of await kit.operations.list({ ended: false })) await inTime(kit.operations.wait(id))
}

async function ask(kit: Virtkit, scenario: Scenario): Promise<ErrorCode | undefined> {
  const code = scenario.ask(kit).then(
    () => undefined,
    (error: unknown) => toVirtkitError(error).code,
  )
  return inTime(code)
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const tooLate = setTimeout(patienceMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no end within ${patienceMs / 1000} s`)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    timer.abort()
    tooLate.catch(() => {})
  }
}

/** What is to be found again after it was asked again. */
function traceless(scenario: Scenario, view: View): View {
  if (!scenario.leavesOnlyEvents) return view
  const { operations: _operations, events: _events, ...rest } = view
  return rest
}

function differences(wanted: View, found: View, moment: string): readonly string[] {
  return Object.keys(wanted)
    .filter((part) => !isDeepStrictEqual(plain(wanted[part]), plain(found[part])))
    .map((part) => `${moment}, ${part}: ${JSON.stringify(found[part])} instead of ${JSON.stringify(wanted[part])}`)
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null))
}
