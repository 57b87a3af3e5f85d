import type { Kysely } from 'kysely'
import type { Engine } from '../database.ts'
import { access } from './2026-11-26-access.ts'
import { start } from './2026-11-24-start.ts'
import { eulaUpdates } from './2026-11-26-eula-updates.ts'
import { eventGroups } from './2026-11-26-event-groups.ts'
import { eventOrder } from './2026-11-26-event-order.ts'
import { findToken } from './2026-11-26-find-token.ts'
import { groupMembers } from './2026-11-26-group-members.ts'
import { license } from './2026-11-26-license.ts'
import { addressWindows } from './2026-11-26-address-windows.ts'
import { notifications } from './2026-11-26-notifications.ts'
import { machineLists } from './2026-11-26-machine-lists.ts'
import { machineOrders } from './2026-11-26-machine-orders.ts'
import { operationTurns } from './2026-11-26-operation-turns.ts'
import { clusterImages } from './2026-11-26-cluster-images.ts'
import { installPhases } from './2026-11-26-install-phases.ts'
import { quickReservations } from './2026-11-26-quick-reservations.ts'
import { deadLetters } from './2026-11-27-dead-letters.ts'
import { replies } from './2026-11-26-replies.ts'
import { sinkTurns } from './2026-11-27-sink-turns.ts'
import { windowRaces } from './2026-11-28-window-races.ts'

export interface SchemaMigration {
  /** Sorts by date. */
  readonly name: string
  readonly up: (db: Kysely<unknown>, engine: Engine) => Promise<void>
}

/** Every migration, oldest first. An explicit list: hosts may bundle us, and then there is no folder to read. */
export const migrations: readonly SchemaMigration[] = [
  { name: '2026-11-24-start', up: start },
  { name: '2026-11-26-address-windows', up: addressWindows },
  { name: '2026-11-26-machine-lists', up: machineLists },
  { name: '2026-11-26-operation-turns', up: operationTurns },
  { name: '2026-11-26-quick-reservations', up: quickReservations },
  { name: '2026-11-26-license', up: license },
  { name: '2026-11-26-event-order', up: eventOrder },
  { name: '2026-11-26-cluster-images', up: clusterImages },
  { name: '2026-11-26-notifications', up: notifications },
  { name: '2026-11-26-eula-updates', up: eulaUpdates },
  { name: '2026-11-26-replies', up: replies },
  { name: '2026-11-26-machine-orders', up: machineOrders },
  { name: '2026-11-26-access', up: access },
  { name: '2026-11-26-event-groups', up: eventGroups },
  { name: '2026-11-26-group-members', up: groupMembers },
  { name: '2026-11-26-find-token', up: findToken },
  { name: '2026-11-26-install-phases', up: installPhases },
  { name: '2026-11-27-dead-letters', up: deadLetters },
  { name: '2026-11-27-sink-turns', up: sinkTurns },
  { name: '2026-11-28-window-races', up: windowRaces },
]
