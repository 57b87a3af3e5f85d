import type { Output } from '../../output/output.ts'
import type { QuickstartEvent } from './quickstart-events.ts'
import { createTextReport } from './text-report.ts'

/** Tells the user of events, in the way that was asked for. */
export interface Report {
  tell(event: QuickstartEvent): void
  /** Leaves the screen as it is; nothing that was drawn is drawn over any more. */
  end(): void
}

export function createReport(output: Output): Report {
  return output.isJson ? { tell: (event) => output.json(event), end: () => {} } : createTextReport(output)
}
