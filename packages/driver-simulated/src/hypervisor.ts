import type { About, Call, Hypervisor, MissingPrivilege } from '@virtkit/spi'
import { consoleOperations } from './facets/console.ts'
import { guestOperations } from './facets/guest.ts'
import { inventoryOperations } from './facets/inventory.ts'
import { machineOperations } from './facets/machines.ts'
import { mediaOperations } from './facets/media.ts'
import { powerOperations } from './facets/power.ts'
import { privilegeOperations } from './facets/privileges.ts'
import { snapshotOperations } from './facets/snapshots.ts'
import { templateOperations } from './facets/templates.ts'
import { watchOperations } from './facets/watch.ts'
import { Session, type Simulator } from './session.ts'

export const about: About = { product: 'Virtkit simulated hypervisor', version: '1.0.0' }

/** All facets of one simulator, over a session of their own. */
export function openHypervisor(simulator: Simulator, missing: readonly MissingPrivilege[]): Hypervisor {
  const session = new Session(simulator)
  return {
    about,
    inventory: inventoryOperations(session),
    machines: machineOperations(session),
    power: powerOperations(session),
    media: mediaOperations(session),
    guest: guestOperations(session),
    console: consoleOperations(session),
    snapshots: snapshotOperations(session),
    templates: templateOperations(session),
    watch: watchOperations(session),
    privileges: privilegeOperations(session, missing),
    [Symbol.asyncDispose]: () => session.close(),
  }
}

/** What opening a session asks of the simulator: it can be counted, delayed and refused like any call. */
export async function knock(simulator: Simulator, call: Call): Promise<About> {
  const session = new Session(simulator)
  try {
    return await session.perform({ method: 'connect', call, run: () => about })
  } finally {
    await session.close()
  }
}
