import { type ErrorDetails, VirtkitError, isVirtkitError } from '@virtkit/spi'
import { says } from './client/error-texts.ts'
import { type Happened, isPveError } from './client/pve-error.ts'

/** A call that ended badly, in our words. `happened`: of everything that it had asked for. */
export function toVirtkitError(error: unknown, happened: Happened): VirtkitError {
  if (isVirtkitError(error)) return error
  const outcome = happened === 'maybe' || (isPveError(error) && error.happened === 'maybe') ? 'unknown' : 'did-not-happen'
  if (!isPveError(error)) {
    return new VirtkitError('INTERNAL', 'Something went wrong inside the Proxmox VE driver.', {
      details: {},
      cause: error,
      outcome: 'unknown',
    })
  }
  const { failure, message } = error
  switch (failure.kind) {
    case 'aborted':
      return new VirtkitError('CANCELLED', 'The call was cancelled.', { details: {}, outcome })
    case 'unreachable':
      return new VirtkitError('HYPERVISOR_UNAVAILABLE', message, {
        details: { endpoint: failure.endpoint },
        outcome,
        cause: error.cause,
        hint: 'Check url, port (8006) and certificate of the cluster, and that pveproxy and pvedaemon run there.',
      })
    case 'unauthenticated':
      return new VirtkitError('UNAUTHENTICATED', 'Proxmox VE does not accept this user name and password, or API token.', {
        details: {},
        hint: 'A user is named with its realm (root@pam), a token like root@pam!name with its secret as password.',
        outcome,
      })
    case 'denied': {
      const { path, privileges } = failure
      const missing = privileges.map((privilege) => ({ privilege, path: path ?? '' }))
      return new VirtkitError('FORBIDDEN', `Proxmox VE refuses it: ${message}.`, {
        details: missing.length > 0 ? { missing } : {},
        hint:
          missing.length > 0
            ? `Give the user or token ${privileges.join(' or ')} on ${path}; a token with separated privileges needs its own.`
            : 'Give the user or token VM.Allocate on /vms or on the pool.',
        outcome,
      })
    }
    case 'late':
      return new VirtkitError('TIMEOUT', message, {
        details: { waitedFor: 'task', timeoutMs: failure.timeoutMs },
        outcome,
        hint: 'The task runs on; ask again later.',
      })
    case 'content':
      return new VirtkitError('INVALID_INPUT', `content: ${message}`, {
        details: { problems: [{ field: 'content', problem: message }] },
        cause: error.cause,
      })
    case 'invalid':
    case 'refused':
    case 'task':
      return refused(error, failure.kind === 'task' ? failure.log : [], outcome)
  }
}

function refused(error: Error, log: readonly string[], outcome: VirtkitError['outcome']): VirtkitError {
  // The task's own sentence says little where the cause stands in its log.
  const told = [...log.filter((line) => !line.startsWith('TASK ')), error.message]
  const reason = [...new Set(told)].slice(-6).join('; ')
  const make = <
    Code extends 'HYPERVISOR_BUSY' | 'HYPERVISOR_REFUSED' | 'DATASTORE_FULL' | 'HOST_RESOURCES' | 'UNSUPPORTED',
  >(
    code: Code,
    message: string,
    details: ErrorDetails[Code],
    hint?: string,
  ): VirtkitError => new VirtkitError(code, message, { details, outcome, ...(hint !== undefined && { hint }) })
  if (says(error, 'locked') || says(error, 'lockLate')) {
    return make('HYPERVISOR_BUSY', `Somebody else works on the machine: ${reason}.`, { retryAfterMs: 10_000 })
  }
  if (says(error, 'stale')) {
    return make('HYPERVISOR_BUSY', 'Somebody else changes the machine all the time.', { retryAfterMs: 10_000 })
  }
  if (says(error, 'noSpace')) {
    const datastore = /storage '([^']+)'/.exec(reason)?.[1] ?? ''
    return make('DATASTORE_FULL', `There is no room: ${reason}.`, { datastore, freeMiB: 0, askedMiB: 0 })
  }
  if (says(error, 'noSnapshots')) {
    return make(
      'UNSUPPORTED',
      'A disk of this machine is on a storage or in a format that cannot hold snapshots.',
      { feature: 'snapshots' },
      'Thin disks can: qcow2 on file storages, LVM-thin, ZFS, Ceph.',
    )
  }
  if (says(error, 'noMemory')) {
    return make('HOST_RESOURCES', `The host has not enough for it: ${reason}.`, {
      host: '',
      resource: '',
      free: 0,
      asked: 0,
    })
  }
  return make('HYPERVISOR_REFUSED', `Proxmox VE refuses it: ${reason}.`, { reason })
}

export function notOurs(ref: string): VirtkitError<'NOT_OURS'> {
  return new VirtkitError('NOT_OURS', `The machine ${ref} does not carry our mark.`, {
    details: { ref },
    hint: 'Import it first, or look for the machine by its key.',
  })
}

export function conflict(message: string, field?: string): VirtkitError<'CONFLICT'> {
  return new VirtkitError('CONFLICT', message, { details: field === undefined ? {} : { field } })
}

export function unsupported(feature: string, message: string): VirtkitError<'UNSUPPORTED'> {
  return new VirtkitError('UNSUPPORTED', message, { details: { feature } })
}
