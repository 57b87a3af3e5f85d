import type { Clock } from '@virtkit/spi'
import type { BootClient } from './boot-client.ts'
import type { GuestHardware, Lease } from './guest-hardware.ts'
import type { GuestPace } from './guest-pace.ts'

/** What everything that runs in one guest has at hand. */
export interface GuestContext {
  readonly hardware: GuestHardware
  readonly clock: Clock
  readonly pace: GuestPace
  /** Aborts when the machine loses power. */
  readonly signal: AbortSignal
  readonly client: BootClient
  lease(nic: { readonly mac: string; readonly network: string }): Lease | undefined
  /** Takes about that long, a tenth more or less; rejects with the signal's reason. */
  pause(ms: number): Promise<void>
}

/** The guest cannot go on by itself: someone would have to come and look. The message is what its console shows. */
export class GuestStopped extends Error {
  override readonly name = 'GuestStopped'
}
