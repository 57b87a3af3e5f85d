import { type Clock, type HypervisorDriver, type MissingPrivilege, defineDriver } from '@virtkit/spi'
import type { CallCounts } from './call-counts.ts'
import { type Credentials, credentialsFit } from './credentials.ts'
import { cancelled, unauthenticated, unavailable } from './errors.ts'
import type { Faults } from './faults.ts'
import { knock, openHypervisor } from './hypervisor.ts'
import { type SimulatedOptions, simulatedOptions } from './options.ts'
import { connectRemote } from './remote/connect-remote.ts'
import { type SimulatorBehaviour, createSimulator } from './simulator.ts'
import { createMemoryMediaStore } from './world/media-store.ts'
import { newWorld } from './world/new-world.ts'
import type { WorldOptions } from './world/world-options.ts'
import { type World, createWorld } from './world/world.ts'

export interface SimulatedHypervisorOptions extends SimulatorBehaviour {
  readonly world?: WorldOptions
  /** Its url is `simulated:` and this name. Default: empty. */
  readonly name?: string
  /** Without them, everybody may connect. */
  readonly credentials?: Credentials
  /** What `privileges.missing` answers. Default: nothing. */
  readonly missingPrivileges?: readonly MissingPrivilege[]
}

/** A simulated hypervisor in this process, from both sides. */
export interface SimulatedHypervisor {
  /** Connects to this very world with `url: 'simulated:'`, and to simulators in other processes by their `http:` url. */
  readonly driver: HypervisorDriver<SimulatedOptions>
  readonly url: string
  readonly world: World
  readonly faults: Faults
  readonly calls: CallCounts
  readonly clock: Clock
  /** Stops all guests; sessions that are open find nobody any more. Twice is fine. */
  close(): Promise<void>
}

/**
 * Makes a world and a driver that reaches it, in memory.
 *
 * Promises: two of them share nothing; the same seed and the same calls give the same refs. Throws `INVALID_INPUT` for a
 * world that contradicts itself.
 *
 * @example
 * ```ts
 * const simulator = createSimulatedHypervisor({ world: { seed: 7 }, clock: createVirtualClock() })
 * simulator.faults.add({ method: 'machines.create', kind: 'answer-lost', times: 1 })
 * const kit = await createVirtkit({ drivers: [simulator.driver], clock: simulator.clock })
 * ```
 */
export function createSimulatedHypervisor(options: SimulatedHypervisorOptions = {}): SimulatedHypervisor {
  const url = `simulated:${options.name ?? ''}`
  const keeper = { touch: () => undefined, saved: async () => undefined }
  const parts = { state: newWorld(options.world), media: createMemoryMediaStore(), keeper }
  const simulator = createSimulator(parts, options)
  const world = createWorld(simulator)
  for (const machine of options.world?.machines ?? []) world.addMachine(machine)
  let closed = false
  const driver = defineDriver<SimulatedOptions>({
    spec: 1,
    name: 'simulated',
    options: simulatedOptions,
    connect: async (given, call) => {
      if (given.url.startsWith('http:')) return connectRemote(given, call)
      if (call.signal.aborted) throw cancelled('did-not-happen')
      if (closed || given.url !== url)
        throw unavailable(`There is no simulator at ${given.url}.`, 'did-not-happen', { endpoint: given.url })
      if (!credentialsFit(options.credentials, given)) throw unauthenticated()
      await knock(simulator, call)
      return openHypervisor(simulator, options.missingPrivileges ?? [])
    },
  })
  return {
    driver,
    url,
    world,
    faults: simulator.faults,
    calls: simulator.calls,
    clock: simulator.clock,
    close: async () => {
      closed = true
      await Promise.all([...simulator.sessions].map((session) => session.close()))
      await simulator.guests.close()
    },
  }
}
