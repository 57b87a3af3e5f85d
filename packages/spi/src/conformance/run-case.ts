import { AssertionError } from 'node:assert/strict'
import type { Hypervisor } from '../driver/hypervisor.ts'
import { isVirtkitError } from '../errors/virtkit-error.ts'
import type { CaseResult } from './case-result.ts'
import { connect } from './connect.ts'
import { type DriverCase, type Skip, unmetNeed } from './driver-case.ts'
import type { DriverTarget } from './driver-target.ts'
import { CaseSkipped, Lab } from './lab.ts'

/** The result of a case, with the error itself for runners that show where it came from. */
export interface CaseRun {
  readonly result: CaseResult
  readonly error?: unknown
}

export function caseTimeoutMs(driverCase: DriverCase, target: DriverTarget): number {
  return (target.caseTimeoutMs ?? 30_000) * (driverCase.slow ? 10 : 1)
}

/**
 * Runs one case in a session of its own.
 * Promises: never rejects; the session is closed and what the case made is taken away, whatever happened.
 */
export async function runCase(driverCase: DriverCase, target: DriverTarget): Promise<CaseRun> {
  const startedAt = performance.now()
  let skip: Skip | undefined
  let error: unknown
  try {
    skip = await withDeadline(caseTimeoutMs(driverCase, target), (signal) => attempt(driverCase, target, signal))
  } catch (thrown) {
    error = thrown
  }
  const { id, name, needs, promise } = driverCase
  const about = { id, name, needs, promise, durationMs: Math.round(performance.now() - startedAt) }
  if (skip) return { result: { ...about, status: 'skipped', reason: skip.reason, skipped: skip.kind } }
  if (error === undefined) return { result: { ...about, status: 'passed' } }
  return { result: { ...about, status: 'failed', reason: withoutSecrets(describeError(error), target) }, error }
}

async function attempt(driverCase: DriverCase, target: DriverTarget, signal: AbortSignal): Promise<Skip | undefined> {
  const hypervisor = await connect(target, target.options, { signal })
  try {
    return unmetNeed(driverCase.needs, hypervisor, target) ?? (await inLab(driverCase, target, hypervisor, signal))
  } finally {
    await hypervisor[Symbol.asyncDispose]()
  }
}

async function inLab(
  driverCase: DriverCase,
  target: DriverTarget,
  hypervisor: Hypervisor,
  signal: AbortSignal,
): Promise<Skip | undefined> {
  const lab = new Lab(hypervisor, target, signal)
  let leftovers: readonly unknown[] = []
  let skip: Skip | undefined
  try {
    // The case itself may hang on a driver that ignores its signal; what it made is taken away all the same.
    await Promise.race([driverCase.run(lab), aborted(signal)])
  } catch (error) {
    if (!(error instanceof CaseSkipped)) throw error
    skip = { kind: 'cannot-look', reason: error.message }
  } finally {
    leftovers = await lab.close()
  }
  for (const error of lab.errors) assertWithoutSecrets(`${error.message} ${error.hint} ${JSON.stringify(error)}`, target)
  if (leftovers.length > 0) {
    throw new AssertionError({ message: `could not take away what the case made: ${describeError(leftovers[0])}` })
  }
  return skip
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

async function withDeadline<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController()
  let last: NodeJS.Timeout | undefined
  const timer = setTimeout(() => {
    deadline.abort(new AssertionError({ message: `did not end within ${timeoutMs} ms` }))
  }, timeoutMs)
  // Should even the cleaning up hang, we stop waiting for it.
  const stuck = new Promise<never>((_, reject) => {
    last = setTimeout(() => reject(new AssertionError({ message: 'could not be stopped' })), timeoutMs + 15_000)
  })
  try {
    return await Promise.race([work(deadline.signal), stuck])
  } finally {
    clearTimeout(timer)
    clearTimeout(last)
  }
}

function assertWithoutSecrets(text: string, target: DriverTarget): void {
  if (target.secrets?.some((secret) => text.includes(secret))) {
    throw new AssertionError({ message: 'the text of an error holds a secret' })
  }
}

function withoutSecrets(text: string, target: DriverTarget): string {
  return (target.secrets ?? []).reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
}

/** On one line, and not too long: a report has one line per case. */
function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  const line = (isVirtkitError(error) ? `${error.code}: ${text}` : text).replaceAll(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}
