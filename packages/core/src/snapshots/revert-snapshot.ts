import { type Call, type Hypervisor, type MachineInfo, VirtkitError, isVirtkitError, notFound } from '@virtkit/spi'
import { onHypervisor } from '../clusters/on-hypervisor.ts'
import type { Contingents } from '../contingents/contingents.ts'
import { reservationOwner } from '../machines/change-machine.ts'
import { type MachineRow, changeMachine, machineRow } from '../machines/machine-rows.ts'
import { amountOf, difference } from '../machines/machine-rules.ts'
import { type OperationOf, type StepContext, defineOperation } from '../operations/operation-definition.ts'
import { type OfSnapshot, type SnapshotOperationParts, requireSnapshots, withSnapshots } from './snapshot-operations.ts'
import { type Size, isSameSize } from './snapshot-rules.ts'

export interface RevertParts extends SnapshotOperationParts {
  readonly contingents: Contingents
}

type Undone = Awaited<ReturnType<NonNullable<Parameters<typeof noStep>[0]['undo']>>>
declare function noStep(step: { undo?(context: StepContext<OfSnapshot, object>): Promise<unknown> }): void

/**
 * Goes back to a snapshot; what the machine has afterwards is charged. What the contingent refuses is undone: the machine gets the
 * hardware on paper back, and the operation fails with the refusal. Its disks stay those of the snapshot.
 */
export function revertSnapshot(parts: RevertParts): OperationOf<OfSnapshot> {
  return defineOperation<OfSnapshot>('revert-snapshot')
}
