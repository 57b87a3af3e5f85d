import type { Telemetry } from '../telemetry/telemetry.ts'
import { phasesOf } from './install-rules.ts'
import type { PhaseRow } from './install-rows.ts'

/** Tells of a run's phases when it has ended, each a span, however many processes have seen them. */
export function traceInstall(
  telemetry: Telemetry,
  {
    run,
    trace,
    entered,
    code,
  }: {
    readonly run: string
    readonly trace: string | undefined
    readonly entered: readonly PhaseRow[]
    readonly code?: string
  },
): void {
  for (const { phase, startedAt, durationMs = 0 } of phasesOf(entered, null)) {
    const times = { from: startedAt, to: startedAt + durationMs }
    const labels = { 'virtkit.run': run, 'virtkit.phase': phase }
    telemetry.note(`install ${phase}`, {
      parent: trace,
      labels,
      ...times,
      ...(phase === 'failed' && code && { failed: code }),
    })
  }
}
