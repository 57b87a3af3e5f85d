import type { ConsoleOperations } from './console-operations.ts'
import type { GuestOperations } from './guest-operations.ts'
import type { InventoryOperations } from './inventory-operations.ts'
import type { MachineOperations } from './machine-operations.ts'
import type { MediaOperations } from './media-operations.ts'
import type { PowerOperations } from './power-operations.ts'
import type { PrivilegeOperations } from './privilege-operations.ts'
import type { SnapshotOperations } from './snapshot-operations.ts'
import type { TemplateOperations } from './template-operations.ts'
import type { WatchOperations } from './watch-operations.ts'

/**
 * An open session with one hypervisor. A facet that is absent is a capability that it does not claim: there is no flag
 * that could say otherwise.
 *
 * Promises: safe for concurrent calls; two sessions on one hypervisor do not disturb each other; disposing ends what is
 * under way with `CANCELLED`, leaves no socket, file or timer open, and may be done twice.
 */
export interface Hypervisor extends AsyncDisposable {
  readonly about: About
  readonly inventory: InventoryOperations
  readonly machines: MachineOperations
  readonly power: PowerOperations
  readonly media?: MediaOperations
  readonly guest?: GuestOperations
  readonly console?: ConsoleOperations
  readonly snapshots?: SnapshotOperations
  readonly templates?: TemplateOperations
  readonly watch?: WatchOperations
  readonly privileges?: PrivilegeOperations
}

export interface About {
  readonly product: string
  readonly version: string
}

/** The facets that a hypervisor may leave out. */
export type OptionalFacet = 'media' | 'guest' | 'console' | 'snapshots' | 'templates' | 'watch' | 'privileges'
