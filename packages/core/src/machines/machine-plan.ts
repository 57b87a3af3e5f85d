import type { MacRange, VirtkitError } from '@virtkit/spi'
import type { ContingentPlan } from '../contingents/contingents.ts'
import type { LicenseStatus } from '../licensing/licensing.ts'

/** What `create` would do now. Nobody holds any of it for you. */
export interface MachinePlan {
  /** There is no problem. */
  readonly isPossible: boolean
  /** Everything that `create` would refuse, not the first only, as the errors that it would throw. */
  readonly problems: readonly VirtkitError[]
  /** In the order of the input; empty when the input cannot be read. */
  readonly networks: readonly PlannedCard[]
  /** What blocks of the group's contingent, and what would still fit. Left out for a group that cannot be seen. */
  readonly contingent?: ContingentPlan
  /** Left out for who may not read it. */
  readonly license?: LicenseStatus
  /** Where MACs that are not asked for come from. */
  readonly macRange?: MacRange
}

export interface PlannedCard {
  readonly network: number
  /** The address that it would have; left out on a DHCP network, and where there is a problem. */
  readonly ip?: string
  /** As asked; one that is not asked for is made by chance. */
  readonly mac?: string
}
