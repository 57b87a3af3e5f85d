import { type Clock, systemClock } from '@virtkit/spi'
import { createCallCounter } from './call-counts.ts'
import { type Latency, createFaults } from './faults.ts'
import { type GuestProgram, type RunningGuests, createGuestHouse } from './guest-house.ts'
import { runGuest } from './guests/guest.ts'
import type { GuestOptions } from './guests/guest-hardware.ts'
import { type GuestPace, defaultPace } from './guests/guest-pace.ts'
import type { Simulator } from './session.ts'
import { seededRandom } from './world/seeded-random.ts'
import type { MediaStore } from './world/media-store.ts'
import { type Keeper, WorldCore } from './world/world-core.ts'
import type { WorldState } from './world/world-state.ts'

/** How a simulator behaves, wherever it runs. */
export interface SimulatorBehaviour {
  /** Default: the system's. */
  readonly clock?: Clock
  /** `real` (default): guests boot, fetch and install. `none`: machines run with nothing inside. Or a program of your own. */
  readonly guests?: 'real' | 'none' | GuestProgram
  /** How fast guests are; what is left out is as in `defaultPace`: about nine minutes for an installation. */
  readonly pace?: Partial<GuestPace>
  /** The DHCP server of the networks, if they have one. */
  readonly lease?: GuestOptions['lease']
  /** How long an installed system takes to shut down. Default 1500 milliseconds. */
  readonly shutdownMs?: number
  /** Default: none. */
  readonly latency?: Latency
}

/** Puts a state to life. */
export function createSimulator(
  parts: { readonly state: WorldState; readonly media: MediaStore; readonly keeper: Keeper },
  behaviour: SimulatorBehaviour,
): Simulator {
  const { clock = systemClock, guests: inside = 'real', shutdownMs = 1500, latency = {} } = behaviour
  const { lease } = behaviour
  const program = inside === 'real' ? runGuest : inside === 'none' ? undefined : inside
  const pace = { ...defaultPace, ...behaviour.pace }
  // The house needs the core and the core the house: the core is made first and asks the house when it needs it.
  let guests: RunningGuests | undefined
  const core = new WorldCore({
    ...parts,
    guests: (made) => (guests = createGuestHouse(made, { clock, program, pace, shutdownMs, ...(lease ? { lease } : {}) })),
  })
  if (!guests) throw new Error('a world core asks for its guests when it is made')
  return {
    core,
    guests,
    clock,
    latency,
    faults: createFaults(),
    calls: createCallCounter(),
    random: seededRandom(parts.state.seed),
    sessions: new Set(),
  }
}
