import { VirtkitError, type Outcome } from '@virtkit/spi'
import { TransportFailure, VimFault } from './client/soap/vim-fault.ts'
import { listAt, refAt, textAt } from './client/xml/xml-tree.ts'

/** What a call was about: it decides the words of an error. */
export interface Subject {
  /** `machine vm-12` */
  readonly what: string
  readonly id: string
}

export function cancelled(outcome: Outcome): VirtkitError<'CANCELLED'> {
  return new VirtkitError('CANCELLED', 'The call was cancelled.', { details: {}, outcome })
}

export function conflict(message: string, field?: string, hint?: string): VirtkitError<'CONFLICT'> {
  const details = field === undefined ? {} : { field }
  return new VirtkitError('CONFLICT', message, { details, ...(hint === undefined ? {} : { hint }) })
}

export function notOurs(ref: string): VirtkitError<'NOT_OURS'> {
  return new VirtkitError('NOT_OURS', `The machine ${ref} does not carry the mark that was named.`, { details: { ref } })
}

export function unsupported(feature: string, message: string, hint: string): VirtkitError<'UNSUPPORTED'> {
  return new VirtkitError('UNSUPPORTED', message, { details: { feature }, hint })
}

export function datastoreFull(
  datastore: string,
  freeMiB: number,
  askedMiB: number,
  cause?: unknown,
): VirtkitError<'DATASTORE_FULL'> {
  return new VirtkitError(
    'DATASTORE_FULL',
    `The datastore ${datastore} has ${freeMiB} MiB free; ${askedMiB} MiB were asked for.`,
    {
      details: { datastore, freeMiB, askedMiB },
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

export function hostResources(
  host: string,
  resource: string,
  free: number,
  asked: number,
  cause?: unknown,
): VirtkitError<'HOST_RESOURCES'> {
  return new VirtkitError('HOST_RESOURCES', `No host can give what was asked for (${resource}).`, {
    details: { host, resource, free, asked },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** `changes`: whether the call, had it reached the server, may have done something. */
export function driverError(error: unknown, changes: boolean, subject?: Subject): unknown {
  if (error instanceof VimFault) return faultError(error, subject)
  if (error instanceof TransportFailure)
    return transportError(error, changes && error.isSent ? 'unknown' : 'did-not-happen')
  return error
}

const certificate = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT)/

function transportError(cause: TransportFailure, outcome: Outcome): VirtkitError {
  const { code } = cause
  if (code === 'PEER_MISSING') {
    const install = 'npm install node-vsphere-soap@0.0.2-5'
    return new VirtkitError('PEER_MISSING', 'The transport nodeVsphereSoap() needs the package node-vsphere-soap.', {
      details: { package: 'node-vsphere-soap', install },
      hint: `Install it (${install}), or use the transport native().`,
    })
  }
  const hint = certificate.test(code)
    ? "Hand in the authority's certificate with the option ca, or set insecure to true to trust anything."
    : code === 'NO_SOAP' || code.startsWith('HTTP_4')
      ? 'Check the url of the cluster: it is that of a vCenter or an ESXi host.'
      : undefined
  return new VirtkitError('HYPERVISOR_UNAVAILABLE', `The vSphere server cannot be reached: ${cause.message}`, {
    details: {},
    outcome,
    cause,
    ...(hint === undefined ? {} : { hint }),
  })
}

function faultError(cause: VimFault, subject: Subject | undefined): VirtkitError {
  const { fault } = cause
  const reason = cause.message === fault ? fault : `${fault}: ${cause.message}`
  switch (fault) {
    case 'InvalidLogin':
    case 'InvalidLocale':
    case 'NotAuthenticated':
    case 'PasswordExpired':
      return new VirtkitError('UNAUTHENTICATED', 'The vSphere server does not know this user name and password.', {
        details: {},
        cause,
        hint: 'Check username and password of the cluster.',
      })
    case 'NoPermission':
      return noPermission(cause)
    case 'ManagedObjectNotFound': {
      const gone = refAt(cause.detail, 'obj')
      const { what, id } = subject ?? { what: 'object', id: gone?.id ?? '' }
      return new VirtkitError('NOT_FOUND', `There is no ${what} ${id}.`, { details: { what, id }, cause })
    }
    case 'InvalidPowerState':
    case 'InvalidState':
    case 'CpuHotPlugNotSupported':
    case 'MemoryHotPlugNotSupported':
    case 'HotPlugNotSupported':
      return new VirtkitError('CONFLICT', `The machine's state does not allow it (${reason}).`, {
        details: { field: 'power' },
        cause,
      })
    case 'DuplicateName':
      return new VirtkitError('CONFLICT', 'The name is taken in this folder.', { details: { field: 'name' }, cause })
    case 'FileAlreadyExists':
    case 'AlreadyExists':
      return new VirtkitError('CONFLICT', `It is there already (${reason}).`, { details: {}, cause })
    case 'NoDiskSpace':
    case 'InsufficientStorageSpace':
    case 'InsufficientDisks':
    case 'FileTooLarge':
      return datastoreFull(textAt(cause.detail, 'datastore') ?? subject?.id ?? 'unknown', 0, 0, cause)
    case 'TaskInProgress':
    case 'ResourceInUse':
    case 'FileLocked':
    case 'ConcurrentAccess':
    case 'VAppTaskInProgress':
      return new VirtkitError('HYPERVISOR_BUSY', `The vSphere server is busy with it (${reason}).`, { details: {}, cause })
    case 'NotSupported':
    case 'MethodNotFound':
    case 'NotImplemented':
      return new VirtkitError('UNSUPPORTED', `The vSphere server cannot do this (${reason}).`, {
        details: { feature: fault },
        cause,
      })
    case 'RequestCanceled':
      return cancelled('did-not-happen')
    case 'HostNotConnected':
    case 'HostNotReachable':
    case 'HostCommunication':
    case 'HostConnectFault':
      return new VirtkitError('HYPERVISOR_UNAVAILABLE', `The vSphere server does not reach the host (${reason}).`, {
        details: {},
        cause,
      })
    default:
      if (/^(Insufficient\w*Resources|NumVirtualCpus|MemorySize|TooManyDevices|NotEnough)/.test(fault)) {
        return hostResources('any', fault, 0, 0, cause)
      }
      return new VirtkitError('HYPERVISOR_REFUSED', `The vSphere server refused (${reason}).`, {
        details: { reason },
        cause,
        // What broke inside of it may have been done before.
        outcome: fault === 'SystemError' || fault === 'MethodFault' ? 'unknown' : 'did-not-happen',
      })
  }
}

function noPermission(cause: VimFault): VirtkitError {
  const path = refAt(cause.detail, 'object')?.id ?? ''
  const single = textAt(cause.detail, 'privilegeId')
  const many = listAt(cause.detail, 'missingPrivileges').flatMap((each) => listAt(each, 'privilegeIds').map(String))
  const missing = (many.length > 0 ? many : single === undefined ? [] : [single]).map((privilege) => ({ privilege, path }))
  const named = missing.map((each) => each.privilege).join(', ')
  return new VirtkitError('FORBIDDEN', `The credentials lack a privilege${named === '' ? '' : ` (${named})`}.`, {
    details: { missing },
    cause,
    hint: 'Give the role of this user what the README lists for the operation.',
  })
}
