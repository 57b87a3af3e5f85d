import { type DatabaseOptions, type Virtkit, createVirtkit } from '@virtkit/core'
import type { Clock, InstallDesk, VirtkitError } from '@virtkit/spi'
import { paperMedia } from './paper-media.ts'
import type { SideEffects } from './side-effects.ts'
import { driverTo } from './watched-driver.ts'

export interface KitParts {
  readonly database: DatabaseOptions
  /** Url of the simulator. */
  readonly simulator: string
  /** What its install media send guests to. */
  readonly origin: string
  readonly clock: Clock
  readonly leaseMs: number
  readonly effects?: SideEffects
  readonly onError?: (error: VirtkitError) => void
  /** Told of the desk by which guests report. */
  readonly onDesk: (desk: InstallDesk) => void
}

/** The same key in all processes, as a host would have it. */
const encryption = { keys: [{ id: 'crash', key: Buffer.alloc(32, 7).toString('base64') }] }

/** A kit on a world that several processes work on, one after the other. */
export function openKit(parts: KitParts): Promise<Virtkit> {
  return createVirtkit({
    database: parts.database,
    encryption,
    drivers: [driverTo(parts.simulator, parts.effects)],
    installMedia: paperMedia(parts.origin, parts.onDesk),
    clock: parts.clock,
    operations: { pollMs: 4000, leaseMs: parts.leaseMs },
    onError: parts.onError ?? (() => {}),
  })
}
