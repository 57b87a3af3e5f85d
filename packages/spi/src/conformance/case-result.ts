import type { Skip } from './driver-case.ts'

/** How one case ended; plain data. */
export interface CaseResult {
  readonly id: string
  readonly name: string
  readonly needs: readonly string[]
  readonly promise: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped. */
  readonly reason?: string
  /** For a skipped one: the driver does not claim it, or the target has no means to look. */
  readonly skipped?: Skip['kind']
  readonly durationMs: number
}
