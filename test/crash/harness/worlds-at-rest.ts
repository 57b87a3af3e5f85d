import { type Scenario, type WorldName } from '../scenarios/scenario.ts'
import { scenarioNamed } from '../scenarios/scenarios.ts'
import { worlds } from '../scenarios/worlds.ts'
import { type Rest, Stage, type StageParts } from './stage.ts'

/** The worlds that scenarios start from, each made once. */
export class WorldsAtRest {
  readonly #parts: StageParts
  readonly #made = new Map<string, Promise<Rest>>()

  constructor(parts: StageParts) {
    this.#parts = parts
  }

  of(world: Scenario['world']): Promise<Rest> {
    const name = JSON.stringify(world)
    const known = this.#made.get(name) ?? (typeof world === 'string' ? this.#arrange(world) : this.#leave(world))
    this.#made.set(name, known)
    return known
  }

  async #arrange(world: WorldName): Promise<Rest> {
    const stage = await Stage.open(this.#parts, undefined, {})
    const kit = await stage.kit()
    await worlds[world](kit, stage.server.world)
    await kit.close()
    return stage.rest()
  }

  async #leave({ scenario: name, at }: Exclude<Scenario['world'], string>): Promise<Rest> {
    const scenario = scenarioNamed(name)
    const stage = await Stage.open(this.#parts, await this.of(scenario.world), scenario)
    const ending = await stage.victim(scenario, at)
    if (!ending.killed) throw new Error(`${name} has no ${at.effect}: ${JSON.stringify(ending)}`)
    return stage.rest()
  }
}
