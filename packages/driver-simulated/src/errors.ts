import { VirtkitError, type Outcome } from '@virtkit/spi'
import type { FaultRule } from './faults.ts'

export function cancelled(outcome: Outcome): VirtkitError<'CANCELLED'> {
  return new VirtkitError('CANCELLED', 'The call was cancelled.', { details: {}, outcome })
}

export function unavailable(
  message: string,
  outcome: Outcome,
  more: { endpoint?: string; cause?: unknown; hint?: string } = {},
): VirtkitError<'HYPERVISOR_UNAVAILABLE'> {
  const { endpoint, ...options } = more
  return new VirtkitError('HYPERVISOR_UNAVAILABLE', message, {
    details: endpoint === undefined ? {} : { endpoint },
    outcome,
    ...options,
  })
}

export function unauthenticated(): VirtkitError<'UNAUTHENTICATED'> {
  return new VirtkitError('UNAUTHENTICATED', 'The simulator does not know this user name and password.', {
    details: {},
    hint: 'Check username and password of the cluster.',
  })
}

/** The content of an upload is at fault, not the hypervisor. */
export function unreadable(problem: string, cause?: unknown): VirtkitError<'INVALID_INPUT'> {
  return new VirtkitError('INVALID_INPUT', `content: ${problem}`, {
    details: { problems: [{ field: 'content', problem }] },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** What a fault looks like to the caller; undefined for those that only take time. */
export function faultError(rule: FaultRule): VirtkitError | undefined {
  switch (rule.kind) {
    case 'refused':
      return new VirtkitError('HYPERVISOR_REFUSED', 'The simulated hypervisor was told to refuse.', {
        details: { reason: 'fault on request' },
      })
    case 'busy':
      return new VirtkitError('HYPERVISOR_BUSY', 'The simulated hypervisor was told to be busy.', {
        details: rule.ms === undefined ? {} : { retryAfterMs: rule.ms },
      })
    case 'gone':
      return unavailable('The simulated hypervisor was told not to answer.', 'did-not-happen')
    case 'answer-lost':
      return unavailable('The connection to the simulated hypervisor broke before the answer came.', 'unknown')
    default:
      return undefined
  }
}
