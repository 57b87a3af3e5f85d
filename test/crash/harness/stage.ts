import type { Virtkit } from '@virtkit/core'
import { type SimulatorServer, startSimulatorServer } from '@virtkit/driver-simulated'
import type { InstallDesk } from '@virtkit/spi'
import type { DatabaseLocation } from '@virtkit/test-databases'
import { randomUUID } from 'node:crypto'
import { cp, rm } from 'node:fs/promises'
import type { Scenario } from '../scenarios/scenario.ts'
import { clockOf, shortLeaseMs } from '../victim/fast-clock.ts'
import type { Point } from '../victim/side-effects.ts'
import { openKit } from '../victim/open-kit.ts'
import type { Databases } from './databases.ts'
import { GuestLine } from './guest-line.ts'
import type { Ending, Victims } from './victims.ts'

/** A world at rest: what is in the database, and what the hypervisor has. */
export interface Rest {
  readonly database: DatabaseLocation
  readonly stateFile: string
  /** How many processes have worked on it, one after the other. */
  readonly generation: number
}

export interface StageParts {
  readonly databases: Databases
  readonly victims: Victims
  /** Where simulators keep their state. */
  readonly folder: string
}

/** One copy of a world, with a hypervisor that runs in this process and outlives those who use it. */
export class Stage {
  readonly database: DatabaseLocation
  readonly server: SimulatorServer
  readonly #parts: StageParts
  readonly #scenario: Pick<Scenario, 'guest' | 'ownOrigin'>
  readonly #line: GuestLine
  readonly #stateFile: string
  #generation: number

  static async open(parts: StageParts, rest: Rest | undefined, scenario: Partial<Scenario>): Promise<Stage> {
    const stateFile = `${parts.folder}/${randomUUID()}.json`
    const line = new GuestLine()
    const database = rest ? await parts.databases.copy(rest.database) : await parts.databases.create()
    if (rest) {
      await cp(rest.stateFile, stateFile)
      await cp(`${rest.stateFile}.media`, `${stateFile}.media`, { recursive: true })
    }
    const server = await startSimulatorServer({ stateFile, guests: line.guest(scenario.guest), shutdownMs: 5 })
    for (const fault of scenario.faults ?? []) server.faults.add(fault)
    return new Stage({ parts, scenario, line, stateFile, database, server, generation: rest ? rest.generation + 1 : 0 })
  }

  private constructor(made: {
    parts: StageParts
    scenario: Partial<Scenario>
    line: GuestLine
    stateFile: string
    database: DatabaseLocation
    server: SimulatorServer
    generation: number
  }) {
    this.#parts = made.parts
    this.#scenario = made.scenario
    this.#line = made.line
    this.#stateFile = made.stateFile
    this.database = made.database
    this.server = made.server
    this.#generation = made.generation
  }

  /** Has a process of its own do what the scenario asks; it is killed at the point. */
  async victim(scenario: Scenario, point?: Point): Promise<Ending> {
    const origin = this.#origin('victim')
    const generation = this.#generation
    this.#generation += 1
    const job = { scenario: scenario.name, database: this.database, simulator: this.server.url, origin, generation }
    try {
      return await this.#parts.victims.run(point ? { ...job, point } : job, (reception) => {
        this.#line.serve(origin, async (token, report) => {
          if (scenario.ownOrigin && report.phase !== 'booted') throw new Error('there is no way to the boot server')
          return reception(token, report)
        })
      })
    } finally {
      this.#line.leave(origin)
    }
  }

  /** A kit in this process, which takes over what others left. */
  async kit(): Promise<Virtkit> {
    const origin = this.#origin('survivor')
    const generation = this.#generation
    this.#generation += 1
    return openKit({
      database: this.database,
      simulator: this.server.url,
      origin,
      clock: clockOf(generation),
      leaseMs: shortLeaseMs,
      onDesk: (desk: InstallDesk) => this.#line.serve(origin, (token, report) => desk.report(token, report)),
    })
  }

  /** Lays the world to rest, so that others can go on from it. */
  async rest(): Promise<Rest> {
    await this.server.close()
    return { database: this.database, stateFile: this.#stateFile, generation: this.#generation - 1 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close()
    await this.#parts.databases.remove(this.database)
    for (const path of [this.#stateFile, `${this.#stateFile}.media`]) await rm(path, { recursive: true, force: true })
  }

  #origin(who: string): string {
    return this.#scenario.ownOrigin ? `http://${who}-${this.#generation}.test` : 'http://boot.test'
  }
}
