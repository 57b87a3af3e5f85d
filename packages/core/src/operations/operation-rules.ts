import { VirtkitError, type ErrorCode, isVirtkitError } from '@virtkit/spi'

/** Failures that may pass by themselves. Everything else is final. */
const passing: ReadonlySet<ErrorCode> = new Set(['HYPERVISOR_UNAVAILABLE', 'HYPERVISOR_BUSY', 'DATABASE_UNAVAILABLE'])

/** Whether to try a failed step again. Steps are safe to repeat, so an unknown outcome does not matter here. */
export function mayPass(error: VirtkitError): boolean {
  return passing.has(error.code)
}

/** How long to wait before attempt `attempt + 1`: a second, doubled each time, at most half a minute; or as long as asked. */
export function retryDelayMs(error: VirtkitError, attempt: number): number {
  const asked = isVirtkitError(error, 'HYPERVISOR_BUSY') ? error.details.retryAfterMs : undefined
  return asked ?? Math.min(30_000, 1000 * 2 ** Math.min(attempt - 1, 10))
}

/** A W3C traceparent (https://www.w3.org/TR/trace-context/) for work that nobody traces yet, from a source of uuids. */
export function newTrace(uuid: () => string): string {
  const hex = (text: string): string => text.replaceAll('-', '')
  return `00-${hex(uuid())}-${hex(uuid()).slice(0, 16)}-01`
}

export function cancelled(): VirtkitError {
  return new VirtkitError('CANCELLED', 'The operation was cancelled on request.', { details: {} })
}

export function timedOut(waitedFor: string, timeoutMs: number): VirtkitError {
  return new VirtkitError('TIMEOUT', `Waited ${Math.round(timeoutMs / 1000)} s for ${waitedFor}, in vain.`, {
    details: { waitedFor, timeoutMs },
  })
}

/** An error as it is stored, and back. */
export function parseStoredError(text: string): VirtkitError {
  const { code, message, details, hint, outcome } = JSON.parse(text) as ReturnType<VirtkitError['toJSON']>
  return new VirtkitError(code, message, { details, outcome, ...(hint === undefined ? {} : { hint }) })
}
