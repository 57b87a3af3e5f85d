import type { InstallReport } from '@virtkit/spi'
import type { DatabaseLocation } from '@virtkit/test-databases'
import type { Effect, Point } from './side-effects.ts'

/** What a victim is told to do; without a point it lives. */
export interface Job {
  readonly scenario: string
  readonly database: DatabaseLocation
  readonly simulator: string
  readonly origin: string
  readonly generation: number
  readonly point?: Point
}

/** To a victim. */
export type Order =
  | { readonly type: 'job'; readonly job: Job }
  /** A guest reports. */
  | { readonly type: 'report'; readonly id: number; readonly token: string; readonly report: InstallReport }

/** From a victim. */
export type Word =
  | { readonly type: 'desk-open' }
  | { readonly type: 'reported'; readonly id: number; readonly taken: boolean }
  /** It has lived to the end. */
  | { readonly type: 'done'; readonly effects: readonly Effect[]; readonly code?: string; readonly message?: string }
