import type { DriverCase } from '../driver-case.ts'
import { cancellationCases } from './cancellation-cases.ts'
import { connectionCases } from './connection-cases.ts'
import { consoleCases } from './console-cases.ts'
import { createIdempotenceCases } from './create-idempotence-cases.ts'
import { createRefusalCases } from './create-refusal-cases.ts'
import { destroyCases } from './destroy-cases.ts'
import { driveCases } from './drive-cases.ts'
import { errorCases } from './error-cases.ts'
import { guestCases } from './guest-cases.ts'
import { inventoryCases } from './inventory-cases.ts'
import { listingCases } from './listing-cases.ts'
import { machineHardwareCases } from './machine-hardware-cases.ts'
import { markCases } from './mark-cases.ts'
import { mediaCases } from './media-cases.ts'
import { ownershipCases } from './ownership-cases.ts'
import { powerCases } from './power-cases.ts'
import { privilegeCases } from './privilege-cases.ts'
import { reconfigureCases } from './reconfigure-cases.ts'
import { snapshotContentCases } from './snapshot-content-cases.ts'
import { snapshotDegreeCases } from './snapshot-degree-cases.ts'
import { snapshotNameCases } from './snapshot-name-cases.ts'
import { snapshotTreeCases } from './snapshot-tree-cases.ts'
import { templateCases } from './template-cases.ts'
import { watchCases } from './watch-cases.ts'

/** All that the contract promises, as a list. The order is that of a report. */
export const driverCases: readonly DriverCase[] = [
  ...connectionCases,
  ...inventoryCases,
  ...machineHardwareCases,
  ...createIdempotenceCases,
  ...createRefusalCases,
  ...listingCases,
  ...markCases,
  ...ownershipCases,
  ...reconfigureCases,
  ...destroyCases,
  ...powerCases,
  ...guestCases,
  ...consoleCases,
  ...mediaCases,
  ...driveCases,
  ...snapshotTreeCases,
  ...snapshotNameCases,
  ...snapshotContentCases,
  ...snapshotDegreeCases,
  ...templateCases,
  ...watchCases,
  ...privilegeCases,
  ...cancellationCases,
  ...errorCases,
]
