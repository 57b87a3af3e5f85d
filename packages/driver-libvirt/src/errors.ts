import { type InputProblem, type Outcome, VirtkitError, invalidInput, isVirtkitError, notFound } from '@virtkit/spi'
import { errorNumbers } from './client/procedures.ts'
import { ConnectionLost, LibvirtError } from './client/rpc.ts'

/** A call ended because its signal aborted; the session says what became of it. */
export class Aborted extends Error {}

/** libvirt did not answer in time. */
export class Unanswered extends Error {
  readonly timeoutMs: number

  constructor(timeoutMs: number) {
    super(`libvirt did not answer within ${timeoutMs} ms`)
    this.timeoutMs = timeoutMs
  }
}

export function cancelled(outcome: Outcome): VirtkitError<'CANCELLED'> {
  return new VirtkitError('CANCELLED', 'The call was cancelled.', { details: {}, outcome })
}

export function unavailable(
  message: string,
  outcome: Outcome,
  more: { endpoint?: string; cause?: unknown; hint?: string } = {},
): VirtkitError<'HYPERVISOR_UNAVAILABLE'> {
  const { endpoint, ...options } = more
  const details = endpoint === undefined ? {} : { endpoint }
  return new VirtkitError('HYPERVISOR_UNAVAILABLE', message, { details, outcome, ...options })
}

export function notOurs(ref: string): VirtkitError<'NOT_OURS'> {
  return new VirtkitError('NOT_OURS', `The machine ${ref} does not carry our mark.`, { details: { ref } })
}

export function conflict(message: string, field: string, hint?: string): VirtkitError<'CONFLICT'> {
  return new VirtkitError('CONFLICT', message, { details: { field }, ...(hint === undefined ? {} : { hint }) })
}

export function datastoreFull(datastore: string, freeMiB: number, askedMiB: number): VirtkitError<'DATASTORE_FULL'> {
  return new VirtkitError(
    'DATASTORE_FULL',
    `The pool ${datastore} has ${freeMiB} MiB free; ${askedMiB} MiB are asked for.`,
    {
      details: { datastore, freeMiB, askedMiB },
      hint: 'Free some space or name another datastore.',
    },
  )
}

export function hostResources(host: string, free: number, asked: number): VirtkitError<'HOST_RESOURCES'> {
  return new VirtkitError('HOST_RESOURCES', `The host ${host} has ${free} MiB of memory; ${asked} MiB are asked for.`, {
    details: { host, resource: 'memory', free, asked },
  })
}

/** Refuses with everything that is wrong at once, or does nothing. */
export function throwProblems(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw invalidInput(problems)
}

/** Whether libvirt said no with one of these numbers. */
export function saysNo(error: unknown, ...numbers: readonly (keyof typeof errorNumbers)[]): error is LibvirtError {
  return error instanceof LibvirtError && numbers.some((name) => errorNumbers[name] === error.number)
}

/**
 * What went wrong, in the one family of errors. `outcome` is what is known of the whole call: libvirt's own refusal of one step is
 * no word about the steps before.
 */
export function toDriverError(error: unknown, outcome: Outcome, endpoint: string): VirtkitError {
  if (isVirtkitError(error)) return error
  if (error instanceof Aborted) return cancelled(outcome)
  if (error instanceof ConnectionLost) {
    return unavailable('The connection to libvirt broke.', outcome, { endpoint, cause: error })
  }
  if (error instanceof Unanswered) {
    const details = { waitedFor: 'libvirt', timeoutMs: error.timeoutMs }
    return new VirtkitError('TIMEOUT', error.message, { details, outcome, hint: 'Look at libvirtd and its log.' })
  }
  if (error instanceof LibvirtError) return refusal(error, outcome)
  return new VirtkitError('INTERNAL', 'The libvirt driver made a mistake.', { details: {}, cause: error, outcome })
}

function refusal(error: LibvirtError, outcome: Outcome): VirtkitError {
  const { message } = error
  const more = { cause: error, outcome }
  if (saysNo(error, 'noDomain')) return notFound('machine', /uuid '([0-9a-f-]+)'/.exec(message)?.[1] ?? '(gone)')
  if (saysNo(error, 'noSnapshot')) return notFound('snapshot', /name '([^']*)'/.exec(message)?.[1] ?? '(gone)')
  if (saysNo(error, 'operationDenied', 'accessDenied', 'authFailed', 'authUnavailable')) {
    return new VirtkitError('FORBIDDEN', `libvirt does not allow it: ${message}`, { details: {}, ...more })
  }
  if (saysNo(error, 'busy', 'timeout')) {
    return new VirtkitError('HYPERVISOR_BUSY', `libvirt is busy: ${message}`, { details: { retryAfterMs: 2000 }, ...more })
  }
  if (/No space left on device|Disk quota exceeded/.test(message)) {
    const details = { datastore: '', freeMiB: 0, askedMiB: 0 }
    return new VirtkitError('DATASTORE_FULL', `There is no space left: ${message}`, { details, ...more })
  }
  if (saysNo(error, 'noMemory') || /cannot set up guest memory|Cannot allocate memory/.test(message)) {
    const details = { host: '', resource: 'memory', free: 0, asked: 0 }
    return new VirtkitError('HOST_RESOURCES', `The host has not enough memory: ${message}`, { details, ...more })
  }
  const hint = /emulator|QEMU binary|does not support virt type|capabilities for/i.test(message)
    ? { hint: 'Install QEMU for x86_64 on the host (qemu-system-x86) and restart libvirtd.' }
    : {}
  return new VirtkitError('HYPERVISOR_REFUSED', `libvirt refuses: ${message}`, {
    details: { reason: message },
    ...more,
    ...hint,
  })
}
