import { says } from './error-texts.ts'
import { PveError, aborted, isPveError } from './pve-error.ts'
import type { PveTransport } from './transport.ts'

export interface TaskPatience {
  /** How long a task may run. */
  readonly taskMs: number
  /** How long its node may be silent meanwhile. */
  readonly silenceMs: number
}

const forgottenMs = 5000
const pollMs = { first: 20, factor: 1.6, most: 2000 }

/** The node that a task runs on, or undefined for what is no task: older versions answer nothing where newer ones begin one. */
export function nodeOfTask(upid: unknown): string | undefined {
  return typeof upid === 'string' ? /^UPID:([^:\s]+):[0-9A-F]{8}:/i.exec(upid)?.[1] : undefined
}

/**
 * Waits for a task, asking less and less often.
 *
 * Promises: resolves when it has ended well (`OK`, or with warnings), with its warnings. Throws `PveError`: `task` with the end of its
 * log, `late`, `aborted` or `unreachable`, the latter three with `happened: 'maybe'`: the task runs on.
 */
export async function waitForTask(
  transport: PveTransport,
  upid: string,
  patience: TaskPatience,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const node = nodeOfTask(upid) ?? ''
  const at = { node, upid }
  const begun = performance.now()
  let lastHeard = begun
  for (let pause = pollMs.first; ; pause = Math.min(pause * pollMs.factor, pollMs.most)) {
    await sleep(pause, signal)
    const now = performance.now()
    if (now - begun > patience.taskMs) {
      throw new PveError({ kind: 'late', timeoutMs: patience.taskMs }, `The task ${upid} has not ended.`, 'maybe')
    }
    let status: Record<string, unknown>
    try {
      const path = '/nodes/{node}/tasks/{upid}/status'
      status = (await transport.request({ method: 'GET', path, at, signal })) as Record<string, unknown>
      lastHeard = now
    } catch (error) {
      // Just begun, it is sometimes not known yet; a node that is silent comes back.
      if (says(error, 'noTask') && now - begun < forgottenMs) continue
      if (isPveError(error, 'unreachable') && now - lastHeard < patience.silenceMs) continue
      throw isPveError(error) ? new PveError(error.failure, error.message, 'maybe', error.cause) : error
    }
    if (status['status'] !== 'stopped') continue
    const exit = String(status['exitstatus'] ?? 'no exit status')
    if (exit === 'OK') return []
    const log = await readLog(transport, at, signal)
    if (/^WARNINGS: \d+$/.test(exit)) return log.filter((line) => line.startsWith('WARN'))
    throw new PveError({ kind: 'task', upid, log }, exit, 'no')
  }
}

const tailLines = 12

/** The end of the log, where the reason stands. What cannot be read is left out: the task's own sentence remains. */
async function readLog(
  transport: PveTransport,
  at: { node: string; upid: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const path = '/nodes/{node}/tasks/{upid}/log'
    const lines = await transport.request({ method: 'GET', path, at, params: { start: 0, limit: 2000 }, signal })
    if (!Array.isArray(lines)) return []
    return lines.slice(-tailLines).map((line: { t?: unknown }) => String(line.t ?? ''))
  } catch (error) {
    if (signal.aborted) throw error
    return []
  }
}

/** Rejects with `aborted` when the signal does. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(aborted('maybe'))
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(aborted('maybe'))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
